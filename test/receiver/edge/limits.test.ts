import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressSet } from '../../../receiver/http/address-set.ts'
import { eventBody, postDelivery, SIGNATURE_HEADER, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver, TestReceiverOptions } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { expectRefused, problem } from '../expect-refused.ts'
import { answerOf } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'

let receiver: TestReceiver

async function start(options: TestReceiverOptions): Promise<void> {
  receiver = await startTestReceiver(options)
}

afterEach(() => receiver.close())
afterAll(removeTempFolders)

interface From {
  /** One of 127.0.0.0/8: each is an address of its own. */
  readonly address?: string
  readonly forwardedFor?: string
  readonly forged?: boolean
}

async function deliver({ address = '127.0.0.1', forwardedFor, forged = false }: From = {}): Promise<Answer> {
  const body = eventBody()
  const signature = await receiver.signers.ES256.sign(Buffer.from(forged ? 'another body' : body))
  const sent = request(`${receiver.url}/webhooks/genesys`, {
    method: 'POST',
    localAddress: address,
    agent: new Agent({ keepAlive: false }),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      [SIGNATURE_HEADER]: signature,
      ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
    },
  })
  sent.end(body)
  return answerOf(sent)
}

async function statuses(count: number, from: From): Promise<number[]> {
  const answers: number[] = []
  for (let i = 0; i < count; i++) answers.push((await deliver(from)).status)
  return answers
}

describe('an address that forges', () => {
  test('gets 429 with Retry-After once its budget is spent, and others do not', async () => {
    await start({ limits: { refusalsPerMinute: 5 } })
    expect(await statuses(5, { address: '127.0.0.2', forged: true })).toEqual([401, 401, 401, 401, 401])
    const limited = await deliver({ address: '127.0.0.2', forged: true })
    expect(limited).toMatchObject({ status: 429, json: problem('rate-limited') })
    expect(Number(limited.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(Number(limited.headers['retry-after'])).toBeLessThanOrEqual(12)
    expect(await deliver({ address: '127.0.0.3' })).toMatchObject({ status: 202 })
    expect(receiver.logged()).toContain('"reason":"address-limited"')
  })

  test('is limited before anything of it is looked at: also for what would have been honest', async () => {
    await start({ limits: { refusalsPerMinute: 1 } })
    await deliver({ forged: true })
    await expectRefused(receiver, 429, 'rate-limited', () => deliver())
  })
})

describe('an honest address', () => {
  test('is not limited by its own deliveries, however many', async () => {
    await start({ limits: { refusalsPerMinute: 2 } })
    expect(new Set(await statuses(10, {}))).toEqual(new Set([202]))
  })

  test('nor by what it signed, also where that is no event or a conflict', async () => {
    await start({ limits: { refusalsPerMinute: 2 } })
    for (let i = 0; i < 5; i++) expect(await receiver.deliver(`{"no":${i}}`)).toMatchObject({ status: 422 })
    const text = eventBody({ id: 'e' })
    await receiver.deliver(text)
    for (let i = 0; i < 5; i++) expect(await receiver.deliver(`${text} `)).toMatchObject({ status: 409 })
    expect(await deliver()).toMatchObject({ status: 202 })
  })

  test('nor by what is our own fault', async () => {
    await start({ limits: { refusalsPerMinute: 2 }, ledger: { maxQueue: 0 } })
    expect(new Set(await statuses(6, {}))).toEqual(new Set([503]))
  })

  test('nor by forgers behind the same proxy, when the proxy is trusted', async () => {
    await start({ limits: { refusalsPerMinute: 2 }, trustedProxies: addressSet(['127.0.0.1']) })
    expect(await statuses(3, { forged: true, forwardedFor: '203.0.113.1' })).toEqual([401, 401, 429])
    expect(await deliver({ forwardedFor: '203.0.113.2' })).toMatchObject({ status: 202 })
    await receiver.drain(100)
    expect(receiver.logged()).not.toContain('FILTER_LEDGER_TRUST_PROXY')
  })

  test('nor does a forger behind it get away by what it claims for itself', async () => {
    await start({ limits: { refusalsPerMinute: 2 }, trustedProxies: addressSet(['127.0.0.1']) })
    await statuses(2, { forged: true, forwardedFor: '203.0.113.1' })
    // What the forger claims for itself is in front of what the proxy saw.
    expect(await deliver({ forged: true, forwardedFor: '198.51.100.9, 203.0.113.1' })).toMatchObject({
      status: 429,
    })
  })
})

describe('a proxy that is not trusted', () => {
  test('is one sender, and the operator is told, once', async () => {
    await start({ limits: { refusalsPerMinute: 2 } })
    expect(await statuses(2, { forged: true, forwardedFor: '203.0.113.1' })).toEqual([401, 401])
    expect(await deliver({ forged: true, forwardedFor: '203.0.113.2' })).toMatchObject({ status: 429 })
    await receiver.drain(100)
    expect(receiver.logged().match(/FILTER_LEDGER_TRUST_PROXY/g)).toHaveLength(1)
  })
})

describe('a source', () => {
  test('that sends more verified deliveries than agreed gets 429, and nothing is stored', async () => {
    await start({ genesys: { perMinute: 3 } })
    expect(await statuses(3, {})).toEqual([202, 202, 202])
    const limited = await expectRefused(receiver, 429, 'rate-limited', () => deliver())
    expect(Number(limited.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    // Forgeries do not use it up: they never get that far.
    expect(await deliver({ forged: true })).toMatchObject({ status: 401 })
  })

  test('takes from its addresses alone', async () => {
    await start({ genesys: { addresses: addressSet(['127.0.0.8/30']) } })
    await expectRefused(receiver, 403, 'source-not-permitted', () => deliver())
    expect(await deliver({ address: '127.0.0.9' })).toMatchObject({ status: 202 })
  })

  test('that is retired answers 410', async () => {
    await start({ genesys: { retired: true } })
    await expectRefused(receiver, 410, 'source-retired', () => deliver())
  })
})

describe('deliveries under way', () => {
  /** Connections that send the first byte of a body, and no other. */
  async function slowBodies(addresses: readonly string[]): Promise<() => Promise<void>> {
    const slow = addresses.map((localAddress) => {
      const sent = request(`${receiver.url}/webhooks/genesys`, {
        method: 'POST',
        agent: false,
        localAddress,
        headers: { 'content-type': 'application/json', 'content-length': 100 },
      })
      sent.on('error', () => undefined)
      sent.write('{')
      return sent
    })
    await sleep(200)
    return async () => {
      for (const sent of slow) sent.destroy()
      await sleep(200)
    }
  }

  test('beyond the places are 503 with Retry-After, and one slow address leaves places for others', async () => {
    await start({ limits: { underWay: 8, underWayOfAddress: 2 } })
    const end = await slowBodies(['127.0.0.1', '127.0.0.1'])
    const shed = await expectRefused(receiver, 503, 'overloaded', () => deliver())
    expect(Number(shed.headers['retry-after'])).toBeGreaterThan(0)
    expect(await deliver({ address: '127.0.0.2' })).toMatchObject({ status: 202 })
    await end()
    expect(await deliver()).toMatchObject({ status: 202 })
  })

  test('of strangers do not keep out who delivered before, or whose address the source names', async () => {
    await start({ limits: { underWay: 4, underWayOfAddress: 4 } })
    await deliver({ address: '127.0.0.9' })
    const end = await slowBodies(['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'])
    expect(await deliver({ address: '127.0.0.6' })).toMatchObject({ status: 503 })
    expect(await deliver({ address: '127.0.0.9' })).toMatchObject({ status: 202 })
    await end()
    expect(await deliver({ address: '127.0.0.6' })).toMatchObject({ status: 202 })
  })
})

describe('a sender that hangs up in the middle of a body', () => {
  test('is a line of the log with its reason, and no error of ours', async () => {
    await start({})
    const sent = request(`${receiver.url}/webhooks/genesys`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': 100 },
    })
    sent.on('error', () => undefined)
    await new Promise((resolve) => sent.write('{', resolve))
    sent.destroy()
    while (!receiver.logged().includes('"msg":"request"')) await new Promise(setImmediate)
    const lines = receiver.logged().trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 40, msg: 'request', status: 400, reason: 'request-aborted', aborted: true },
    ])
  })
})

describe('a delivery out of order', () => {
  test('is kept, says so in its entry, and does not decide', async () => {
    await start({})
    const at = (second: number, version: number): string =>
      eventBody({
        timestamp: `2026-01-31T12:00:0${second}.000Z`,
        filter: { id: 'f-1', name: `v${version}`, version },
      })
    const post = async (body: string) =>
      postDelivery(receiver.url, body, await receiver.signers.ES256.sign(Buffer.from(body)))
    await post(at(5, 3))
    expect(await post(at(2, 2))).toMatchObject({ status: 202 })
    const entries = receiver.ledger.reader.page(0, 10).map(({ text }) => JSON.parse(text) as unknown)
    expect(entries.at(-1)).toMatchObject({
      data: { outOfOrder: { behind: { index: 1, occurredAt: '2026-01-31T12:00:05.000Z', version: 3 } } },
    })
    expect(JSON.stringify(entries.at(-2))).not.toContain('outOfOrder')
    expect(receiver.filterStates.get('f-1')).toMatchObject({ name: 'v3', version: 3, outOfOrder: 1 })
  })
})
