import { createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RaisedAlarm } from '../../../actions/alarm/alarm-entry.ts'
import { notifyAlarm } from '../../../cli/alarm/notify-alarm.ts'

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const got: Got[] = []
let statuses: number[] = []
let server: Server
let url: URL

beforeAll(async () => {
  server = createServer((request, answer) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      got.push({ headers: request.headers, body })
      const status = statuses.shift() ?? 204
      answer.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/s3cret-path`)
})
beforeEach(() => {
  got.length = 0
  statuses = []
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const alarm: RaisedAlarm = {
  filterId: 'f-1',
  filterName: 'guard',
  filterVersion: 3,
  tolerance: 0.1,
  alpha: 0.05,
  tp: 10,
  fp: 7,
  logE: Math.log(25),
  budgetUsed: 1.25,
  crossedIndex: 40,
  demotion: 'withheld',
  reason: 'its category pii is marked must_block',
  entryIndex: 41,
  entryId: '019b3e7c-52c7-7d1e-8f2a-3b4c5d6e7f80',
  occurredAt: '2026-01-31T12:00:00.000Z',
}
const secret = randomBytes(32)
const now = (): Date => new Date('2026-01-31T12:00:01Z')

function deps() {
  const waits: number[] = []
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms)
    return Promise.resolve()
  }
  return { fetch: globalThis.fetch, now, sleep, waits }
}

describe('telling an alarm', () => {
  test('a server that fails twice gets it the third time, signed, under one id', async () => {
    statuses = [503, 500]
    const { waits, ...rest } = deps()
    await notifyAlarm(alarm, { url, keys: [{ version: 'v1', secret }] }, rest)
    expect(got).toHaveLength(3)
    expect(waits).toEqual([1000, 4000])
    for (const { headers, body } of got) {
      expect(headers['webhook-id']).toBe(alarm.entryId)
      const signed = `${alarm.entryId}.${String(headers['webhook-timestamp'])}.${body}`
      expect(headers['webhook-signature']).toBe(
        `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
      )
    }
    const { eValue, ...message } = JSON.parse(got[2]?.body ?? '') as { eValue: number }
    const { logE, crossedIndex } = alarm
    expect({ ...message, logE, crossedIndex }).toEqual({ type: 'filter_ledger.alarm', ...alarm })
    expect(eValue).toBeCloseTo(25, 10)
  })

  test('without a secret it is told unsigned', async () => {
    await notifyAlarm(alarm, { url, keys: [] }, deps())
    expect(got).toHaveLength(1)
    expect(got[0]?.headers).toMatchObject({ 'webhook-id': alarm.entryId, 'content-type': 'application/json' })
    expect(got[0]?.headers).not.toHaveProperty('webhook-signature')
  })

  test('three failures end it, with the host and the status alone; a redirect is one of them', async () => {
    statuses = [302, 302, 302]
    const key = { version: 'v1', secret } as const
    const failure = await notifyAlarm(alarm, { url, keys: [key] }, deps()).then(
      () => '',
      (error: unknown) => String(error),
    )
    expect(failure).toContain(`${url.host} answered 302`)
    expect(failure).not.toMatch(/s3cret-path/)
    expect(failure).not.toContain(secret.toString('base64'))
    expect(got).toHaveLength(3)
  })

  test('a server that is not there is tried three times too', async () => {
    const { waits, ...rest } = deps()
    const away = new URL('http://127.0.0.1:1/')
    await expect(notifyAlarm(alarm, { url: away, keys: [] }, rest)).rejects.toThrow(
      /127\.0\.0\.1:1 cannot be reached/,
    )
    expect(waits).toEqual([1000, 4000])
  })
})
