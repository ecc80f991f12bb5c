import { addressSet } from '../../../receiver/http/address-set.ts'
import { hashSecret } from '../../../receiver/oauth/client-secret.ts'
import type { HashSecret, ScryptCost } from '../../../receiver/oauth/client-secret.ts'
import type { OAuthClient } from '../../../receiver/oauth/oauth-client.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { ask, makeClient } from './token-caller.ts'
import type { TestClient } from './token-caller.ts'

const GUESSER = '203.0.113.7'
const OWN = '198.51.100.1'

let receiver: TestReceiver
let client: TestClient
let clients: Map<string, OAuthClient>
let clockMs = 0
/** What was hashed, and at which cost. */
let hashed: ScryptCost[]
/** Holds hashes up until it resolves. */
let gate: Promise<void>

const countedHash: HashSecret = async (secret, salt, cost) => {
  hashed.push(cost)
  await gate
  return hashSecret(secret, salt, cost)
}

beforeEach(async () => {
  clockMs = 0
  hashed = []
  gate = Promise.resolve()
  client = await makeClient('architect')
  clients = new Map([[client.id, client]])
  receiver = await startTestReceiver({
    trustedProxies: addressSet(['127.0.0.1']),
    oauth: { findClient: (id) => clients.get(id), clockMs: () => clockMs, hashSecret: countedHash },
  })
})

afterEach(() => receiver.close())
afterAll(removeTempFolders)

const guess = (from = GUESSER, id = client.id): Promise<Answer> =>
  ask(receiver.url, id, 'a wrong secret', from)
const right = (from: string): Promise<Answer> => ask(receiver.url, client.id, client.secret, from)
const statuses = async (count: number, one: () => Promise<Answer>): Promise<readonly number[]> => {
  const answers: number[] = []
  for (let i = 0; i < count; i++) answers.push((await one()).status)
  return answers
}

describe('a guesser', () => {
  test.each(['client', 'nobody'])(
    'of a secret of %s has five tries, then waits a second, and twice as long each time',
    async (whose) => {
      const id = whose === 'client' ? client.id : 'nobody'
      expect(await statuses(5, () => guess(GUESSER, id))).toEqual([401, 401, 401, 401, 401])
      const waits: number[] = []
      for (let i = 0; i < 12; i++) {
        const locked = await guess(GUESSER, id)
        expect(locked).toMatchObject({ status: 429, json: { error: 'temporarily_unavailable' } })
        const waitS = Number(locked.headers['retry-after'])
        waits.push(waitS)
        clockMs += waitS * 1000 - 1
        expect(await guess(GUESSER, id)).toMatchObject({ status: 429 })
        clockMs += 1
        expect(await guess(GUESSER, id)).toMatchObject({ status: 401 })
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
      expect(hashed).toHaveLength(17)
    },
  )

  test('locks out his own address, even for the right secret, and no other', async () => {
    await statuses(5, guess)
    expect(await right(GUESSER)).toMatchObject({ status: 429 })
    expect(await right(OWN)).toMatchObject({ status: 200 })
    clockMs += 1000
    expect(await right(GUESSER)).toMatchObject({ status: 200 })
    expect(await statuses(5, guess)).toEqual([401, 401, 401, 401, 401])
  })

  test('on one client is not locked out of another', async () => {
    await statuses(5, guess)
    const other = await makeClient('other')
    clients.set(other.id, other)
    expect(await ask(receiver.url, other.id, other.secret, GUESSER)).toMatchObject({ status: 200 })
  })

  test('of many addresses meets one budget, past which a secret that was right before still is, from anywhere', async () => {
    expect(await right(OWN)).toMatchObject({ status: 200 })
    let next = 0
    const address = (): string => `203.0.${next >> 8}.${next++ & 255}`
    const tried = await statuses(80, () => guess(address()))
    expect(tried.slice(0, 60)).toEqual(Array<number>(60).fill(401))
    expect(tried.slice(60)).toEqual(Array<number>(20).fill(429))
    expect([await right(OWN), await right(address())]).toMatchObject([{ status: 200 }, { status: 200 }])
  })

  test('of many addresses keeps a secret that was never used waiting for a second, but not at an address of the client', async () => {
    expect(await right(OWN)).toMatchObject({ status: 200 })
    const next = await makeClient('architect', { id: client.id })
    clients.set(client.id, next)
    let from = 0
    await statuses(60, () => guess(`203.0.113.${from++}`))
    const stranger = (): Promise<Answer> => ask(receiver.url, next.id, next.secret, '192.0.2.1')
    expect(await stranger()).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    clockMs += 1000
    expect(await stranger()).toMatchObject({ status: 200 })
    await statuses(2, () => guess(`203.0.113.${from++}`))
    const again = await makeClient('architect', { id: client.id })
    clients.set(client.id, again)
    expect(await ask(receiver.url, again.id, again.secret, '192.0.2.2')).toMatchObject({ status: 429 })
    expect(await ask(receiver.url, again.id, again.secret, OWN)).toMatchObject({ status: 200 })
  })

  test('has one address, of whatever address in his IPv6 network he asks', async () => {
    let next = 0
    expect(await statuses(6, () => guess(`2001:db8::${(next++).toString(16)}`))).toEqual([
      401, 401, 401, 401, 401, 429,
    ])
  })

  test('does not get another address by naming one, where no proxy is trusted', async () => {
    const direct = await startTestReceiver({
      oauth: { findClient: (id) => clients.get(id), clockMs: () => clockMs },
    })
    try {
      let next = 0
      const tried = await statuses(6, () => ask(direct.url, client.id, 'wrong', `203.0.113.${next++}`))
      expect(tried).toEqual([401, 401, 401, 401, 401, 429])
    } finally {
      await direct.close()
    }
  })

  test('cannot have more than five looked at by asking at once', async () => {
    const secrets = Array.from({ length: 12 }, (_, i) => `wrong ${i}`)
    const answers = await Promise.all(secrets.map((secret) => ask(receiver.url, client.id, secret, GUESSER)))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7)
    expect(hashed).toHaveLength(5)
  })

  test('pays a hash for a client that is not there, and for one in a rotation, and one alone', async () => {
    await guess(GUESSER, 'nobody')
    expect(hashed).toEqual([{ N: 2 ** 15, r: 8, p: 1 }])
    const { hashes } = client
    const until = new Date(Date.now() + 60_000)
    const previous = { hash: hashes.current, until }
    clients.set(client.id, { ...client, hashes: { ...hashes, current: Buffer.alloc(32), previous } })
    await guess()
    expect(hashed).toHaveLength(2)
  })

  test('is in the log and in the metrics, the id that he made up cut and in one line', async () => {
    await guess()
    await guess(GUESSER, `x\u2028"}${'y'.repeat(5000)}`)
    const headers = { authorization: `Bearer ${await receiver.token(['metrics:read'])}` }
    const { text } = await call(`${receiver.url}/metrics`, { headers })
    expect(text).toContain('filter_ledger_token_requests_total{outcome="secret-wrong"} 1\n')
    expect(text).toContain('filter_ledger_token_requests_total{outcome="client-unknown"} 1\n')
    await receiver.drain(1000)
    const lines = receiver
      .logged()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as object)
    expect(lines.slice(0, 2)).toMatchObject([
      {
        reason: 'secret-wrong',
        problem: 'invalid_client',
        status: 401,
        clientId: client.id,
        address: GUESSER,
      },
      { reason: 'client-unknown', clientId: 'x?"}\u2026', address: GUESSER },
    ])
    expect(lines).toHaveLength(3)
  })
})

describe('a client that shows its own secret', () => {
  test('many times at once, as after a start, is one try and one hash', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => right(OWN)))
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(30).fill(200))
    expect(hashed).toHaveLength(1)
  })

  test('again needs no hash, until its secret is another', async () => {
    expect(await statuses(3, () => right(OWN))).toEqual([200, 200, 200])
    expect(hashed).toHaveLength(1)
    clients.set(client.id, { ...(await makeClient('architect')), id: client.id })
    expect(await right(OWN)).toMatchObject({ status: 401 })
    clients.delete(client.id)
    expect(await right(OWN)).toMatchObject({ status: 401 })
  })

  test('is served while guessers hold every hash, and a newcomer is told to come back', async () => {
    expect(await right(OWN)).toMatchObject({ status: 200 })
    let open = (): void => undefined
    gate = new Promise((resolve) => (open = resolve))
    const others = Array.from({ length: 40 }, (_, i) => guess(`203.0.113.${i}`, `client-${i}`))
    const full = await Promise.race(others)
    expect(full).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' } })
    expect(full.headers['retry-after']).toBe('5')
    expect(await right(OWN)).toMatchObject({ status: 200 })
    open()
    const found = (await Promise.all(others)).map(({ status }) => status)
    expect(found.filter((status) => status === 401)).toHaveLength(24)
    expect(found.filter((status) => status === 503)).toHaveLength(16)
  })
})
