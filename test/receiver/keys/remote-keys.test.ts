import { remoteKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import type { RemoteKeysOptions } from '../../../receiver/webhook/keys/key-sources.ts'
import { makeSigner } from '../signer.ts'
import type { Signer } from '../signer.ts'
import { startKeyServer } from './key-server.ts'
import type { KeyServer } from './key-server.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A clock that the test moves. */
let time: number
const now = (): Date => new Date(time)
let server: KeyServer
let signer: Signer

beforeAll(async () => {
  server = await startKeyServer()
  signer = await makeSigner('ES256', now)
})

afterAll(() => server.close())

beforeEach(() => {
  time = Date.parse('2026-01-31T12:00:00.000Z')
  server.reset()
  server.serve([signer.jwk])
})

const remote = (options: Partial<RemoteKeysOptions> = {}) =>
  remoteKeys({ url: server.url, fetch, now, random: () => 0, ...options })
const open = (options: Partial<RemoteKeysOptions> = {}) => remote(options).resolve
const unknown = { code: 'key-unknown' }
const unconfirmed = { code: 'key-unconfirmed' }
const unavailable = { code: 'keys-unavailable' }

describe('a remote key set', () => {
  test('is fetched once for many deliveries, also when they come at once', async () => {
    const resolve = open()
    await Promise.all(Array.from({ length: 50 }, () => resolve(signer.kid)))
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid, algorithms: ['ES256'] })
    expect(server.fetches()).toBe(1)
  })

  test('is fetched again when it is old', async () => {
    const resolve = open()
    await resolve(signer.kid)
    time += 11 * MINUTE
    await resolve(signer.kid)
    expect(server.fetches()).toBe(2)
  })

  test('that is in use is fetched again before it is old, and nobody waits for that', async () => {
    const resolve = open()
    await resolve(signer.kid)
    time += 8 * MINUTE
    server.hang()
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
    time += 3 * MINUTE
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
    while (server.fetches() < 2) await new Promise((done) => setTimeout(done, 10))
  })

  test('is fetched again for a new key id, so that a rotation needs no restart', async () => {
    const resolve = open()
    await resolve(signer.kid)
    const next = await makeSigner('EdDSA', now)
    server.serve([signer.jwk, next.jwk])
    time += MINUTE
    expect(await resolve(next.kid)).toMatchObject({ kid: next.kid })
    expect(server.fetches()).toBe(2)
  })

  test('is fetched at most once a cooldown, whatever key ids an attacker invents', async () => {
    const resolve = open()
    await expect(resolve('invented')).rejects.toMatchObject(unknown)
    time += 1
    for (let i = 0; i < 200; i++) await expect(resolve(`invented-${i}`)).rejects.toMatchObject(unconfirmed)
    expect(server.fetches()).toBe(1)
    time += 11_000
    await expect(resolve('invented')).rejects.toMatchObject(unknown)
    expect(server.fetches()).toBe(2)
  })

  test('is not enough to refuse for good a key id that it may have got since it was asked for', async () => {
    const resolve = open()
    let release = (): void => undefined
    const held = new Promise<void>((done) => (release = done))
    server.answer((_req, res) => {
      const keys = JSON.stringify({ keys: [signer.jwk] })
      void held.then(() => res.setHeader('content-type', 'application/json').end(keys))
    })
    const first = expect(resolve('new')).rejects.toMatchObject(unknown)
    time += 1
    const second = expect(resolve('new')).rejects.toMatchObject(unconfirmed)
    release()
    await Promise.all([first, second])
    expect(server.fetches()).toBe(1)
  })

  test('forgets a key that the sender has withdrawn', async () => {
    const next = await makeSigner('ES256', now)
    server.serve([signer.jwk, next.jwk])
    const resolve = open()
    await resolve(signer.kid)
    server.serve([next.jwk])
    time += 11 * MINUTE
    const answers = await Promise.allSettled([resolve(signer.kid), resolve(signer.kid)])
    // The second came when the set had been asked for already.
    expect(answers).toMatchObject([{ reason: unknown }, { reason: unconfirmed }])
  })

  test('counts each fetch by its outcome', async () => {
    const outcomes: string[] = []
    const resolve = open({ onFetch: (outcome) => outcomes.push(outcome) })
    await resolve(signer.kid)
    server.fail()
    time += 11 * MINUTE
    await resolve(signer.kid)
    expect(outcomes).toEqual(['ok', 'status'])
  })

  test('tells how old it is, and whether fetching fails', async () => {
    const { resolve, status } = remote()
    expect(status()).toEqual({ fetchedAt: undefined, ageMs: undefined, failing: false })
    await resolve(signer.kid)
    const fetchedAt = now()
    time += 11 * MINUTE
    server.fail()
    await resolve(signer.kid)
    expect(status()).toEqual({ fetchedAt, ageMs: 11 * MINUTE, failing: true })
  })
})

describe('a remote key set whose endpoint is down', () => {
  test('is not asked for at every delivery', async () => {
    server.fail()
    const resolve = open()
    for (let i = 0; i < 200; i++) await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
    expect(server.fetches()).toBe(1)
    server.serve([signer.jwk])
    time += 1000
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
  })

  test('is asked for ever more seldom: about three times a minute in the end', async () => {
    server.fail()
    const resolve = open()
    for (; time < Date.parse('2026-01-31T13:00:00.000Z'); time += 1000)
      await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
    // At 0, 1, 3, 7, 15, 31 s, and then every 20 s.
    expect(server.fetches()).toBe(6 + 178)
  })

  test('outlives the outage for a day, and no longer', async () => {
    const resolve = open()
    await resolve(signer.kid)
    server.fail()
    time += 23 * HOUR
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
    await expect(resolve('another')).rejects.toMatchObject(unavailable)
    time += 2 * HOUR
    await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
  })

  test('does not make a new key id the sender\u2019s fault', async () => {
    const resolve = open()
    await resolve(signer.kid)
    server.fail()
    time += MINUTE
    await expect(resolve('rotated-in-meanwhile')).rejects.toMatchObject(unavailable)
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
    server.serve([signer.jwk])
    time += MINUTE
    await expect(resolve('rotated-in-meanwhile')).rejects.toMatchObject(unknown)
  })

  test('makes no delivery wait whose key is known, though the endpoint takes connections and never answers', async () => {
    const { resolve, status } = remote({ timeoutMs: 1000 })
    await resolve(signer.kid)
    server.hang()
    time += 11 * MINUTE
    await resolve(signer.kid)
    expect(status().failing).toBe(true)
    time += MINUTE
    const started = performance.now()
    for (let i = 0; i < 100; i++) await resolve(signer.kid)
    expect(performance.now() - started).toBeLessThan(500)
    const waiting = performance.now()
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => expect(resolve(`new-${i}`)).rejects.toMatchObject(unavailable)),
    )
    expect(performance.now() - waiting).toBeLessThan(1500)
    expect(server.fetches()).toBe(3)
  })

  test('rejects nothing that nobody waits for, whatever the refresh beside comes to', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => {
      unhandled.push(reason)
    }
    process.on('unhandledRejection', note)
    try {
      const onFetch = (): void => {
        throw new Error('a metric that fails')
      }
      const resolve = open({ onFetch })
      await expect(resolve(signer.kid)).rejects.toThrow('a metric that fails')
      server.fail()
      time += 8 * MINUTE
      expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
      while (server.fetches() < 2) await new Promise((done) => setTimeout(done, 10))
      await new Promise((done) => setTimeout(done, 50))
    } finally {
      process.off('unhandledRejection', note)
    }
    expect(unhandled).toEqual([])
  })
})

/** When an event is tried that is refused at once each time: five retries, five seconds apart. */
const ATTEMPTS_MS = [0, 5000, 10_000, 15_000, 20_000, 25_000]

describe('a sender with the retry rule of Genesys Cloud', () => {
  test.each([0, 1, 4999, 9999, 60_000])(
    'is understood before it gives up when it changes its key %i ms after a fetch',
    async (passed) => {
      const { warm, resolve } = remote()
      await warm()
      const next = await makeSigner('ES256', now)
      server.serve([signer.jwk, next.jwk])
      const begun = (time += passed)
      const answers = []
      for (const ms of ATTEMPTS_MS) {
        time = begun + ms
        answers.push(
          await resolve(next.kid).then(
            ({ kid }) => kid,
            (error: unknown) => (error as { readonly code: string }).code,
          ),
        )
      }
      expect(answers.at(-1)).toBe(next.kid)
      // Nothing before that was final.
      expect(answers.filter((answer) => answer !== next.kid && answer !== 'key-unconfirmed')).toEqual([])
    },
  )

  test.each([0, 500, 3000, 30_000, 600_000])(
    'is understood before it gives up when its endpoint works again after %i ms',
    async (passed) => {
      server.fail()
      const resolve = open()
      for (const end = time + passed; time <= end; time += 500)
        await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
      server.serve([signer.jwk])
      const begun = time
      for (const ms of ATTEMPTS_MS) {
        time = begun + ms
        await resolve(signer.kid).catch(() => undefined)
      }
      expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
    },
  )
})

describe('a clock that is set back', () => {
  test('keeps nobody from fetching for longer than the cooldown', async () => {
    const resolve = open()
    await expect(resolve('new')).rejects.toMatchObject(unknown)
    time -= 48 * HOUR
    await expect(resolve('new')).rejects.toMatchObject(unconfirmed)
    time += 11_000
    await expect(resolve('new')).rejects.toMatchObject(unknown)
    expect(server.fetches()).toBe(2)
  })

  test('does not make a set young again', async () => {
    const resolve = open()
    await resolve(signer.kid)
    time += 9 * MINUTE
    server.fail()
    await resolve(signer.kid)
    time -= 48 * HOUR
    await resolve(signer.kid)
    time += 24 * HOUR
    await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
  })
})

describe('at start-up', () => {
  test('a set is fetched before the first delivery', async () => {
    const { warm, resolve } = remote()
    expect(await warm()).toMatchObject({ outcome: 'ok' })
    await resolve(signer.kid)
    expect(server.fetches()).toBe(1)
  })

  test('a sender that cannot be reached is told, and is no reason not to start', async () => {
    server.fail()
    const { warm, status } = remote()
    expect(await warm()).toMatchObject({ outcome: 'status' })
    expect(status().failing).toBe(true)
  })

  test('a set that must not be used is one', async () => {
    server.serve([{ ...signer.jwk, d: 'AA' }])
    await expect(remote().warm()).rejects.toMatchObject({ code: 'key-set-invalid' })
  })

  test.each(['{"keys":', '{"error":"maintenance"}', '[]', '{"keys":[7]}'])(
    'an answer that is no key set at all (%s) is an outage, and no reason not to start',
    async (text) => {
      server.answer((_req, res) => res.setHeader('content-type', 'application/json').end(text))
      const { warm, resolve } = remote()
      expect(await warm()).toMatchObject({ outcome: 'not-a-key-set' })
      await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
    },
  )

  test.each([
    'http://sender.example/jwks',
    'ftp://127.0.0.1/jwks',
    'https://me:password@sender.example/jwks',
  ])('the URL %s is refused', (url) => {
    expect(() => remote({ url: new URL(url) })).toThrow(TypeError)
  })

  test('times that do not fit each other are refused', () => {
    for (const options of [
      { timeoutMs: 0 },
      { maxAgeMs: 1000 },
      { staleIfErrorMs: 1000 },
      { cooldownMs: -1 },
    ])
      expect(() => remote(options)).toThrow(TypeError)
  })
})

test('when the sender publishes a private key, even the set of before is not used any more', async () => {
  const resolve = open()
  await resolve(signer.kid)
  server.serve([{ ...signer.jwk, d: 'AA' }])
  time += 11 * MINUTE
  await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
  await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
})
