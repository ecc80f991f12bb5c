import { patiently } from '../../../cli/webhook/attacks/patiently.ts'
import type { RawOutcome } from '../../../cli/webhook/send-raw.ts'

const request = { bytes: Buffer.from('x') }
const url = new URL('http://127.0.0.1/')

function answers(...all: readonly (readonly [status: number, retryAfter?: string, body?: string])[]) {
  const left = [...all]
  const waits: number[] = []
  const send = (): Promise<RawOutcome> => {
    const [status, retryAfter, body = ''] = left.shift() ?? [202]
    const headers = new Map(retryAfter === undefined ? [] : [['retry-after', retryAfter]])
    return Promise.resolve({ kind: 'answered', ms: 1, status, headers, body: Buffer.from(body) })
  }
  const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms))
  return { send: patiently(send, wait), waits }
}

describe('a request that was answered with 429', () => {
  test('is sent again after as long as the receiver said', async () => {
    const { send, waits } = answers([429, '2'], [429, '1'], [401])
    expect(await send(url, request)).toMatchObject({ status: 401 })
    expect(waits).toEqual([2000, 1000])
  })

  test('is not sent again for ever', async () => {
    const { send, waits } = answers(...Array.from({ length: 9 }, () => [429, '1'] as const))
    expect(await send(url, request)).toMatchObject({ status: 429 })
    expect(waits).toHaveLength(4)
  })

  test.each([undefined, '61', '-1', 'Wed, 21 Oct 2026 07:28:00 GMT', '1e1'])(
    'is left at that when it says to come back %s',
    async (retryAfter) => {
      const { send, waits } = answers(retryAfter === undefined ? [429] : [429, retryAfter])
      expect(await send(url, request)).toMatchObject({ status: 429 })
      expect(waits).toEqual([])
    },
  )

  test('or with 503 because a key may be new, likewise', async () => {
    const unconfirmed = '{"type":"urn:filter-ledger:problem:keys-unavailable"}'
    const { send, waits } = answers([503, '5', unconfirmed], [401])
    expect(await send(url, request)).toMatchObject({ status: 401 })
    expect(waits).toEqual([5000])
  })

  test('is another thing than 503, which is sent once', async () => {
    const { send, waits } = answers([503, '1'])
    expect(await send(url, request)).toMatchObject({ status: 503 })
    expect(waits).toEqual([])
  })
})
