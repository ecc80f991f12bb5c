import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { JWK } from 'jose'
import { remoteKeys } from '../../receiver/webhook/keys/key-sources.ts'
import type { RemoteKeysOptions } from '../../receiver/webhook/keys/key-sources.ts'
import { makeSigner } from './signer.ts'
import type { Signer } from './signer.ts'
import { eventBody, postDelivery, startTestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'
import { underGarbageCollection } from '../support/collect-garbage.ts'

const MINUTE = 60_000

/** A clock that the test moves. */
let time: number
const now = (): Date => new Date(time)

let server: Server
let url: URL
let answer: RequestListener
let fetches: number
let signer: Signer

beforeAll(async () => {
  server = createServer((req, res) => {
    fetches++
    answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  url = new URL(`http://127.0.0.1:${address.port}/jwks.json`)
  signer = await makeSigner('ES256', () => new Date())
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  removeTempFolders()
})

beforeEach(() => {
  time = Date.parse('2026-01-31T12:00:00.000Z')
  fetches = 0
  serve([signer.jwk])
})

function serve(keys: readonly JWK[]): void {
  answer = (_req, res) => res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
}

function fail(): void {
  answer = (_req, res) => res.writeHead(500).end()
}

const open = (options: Partial<RemoteKeysOptions> = {}) => remoteKeys({ url, fetch, now, ...options })
const unknown = { code: 'key-unknown' }
const unavailable = { code: 'keys-unavailable' }

describe('a remote key set', () => {
  test('is fetched once for many deliveries, also when they come at once', async () => {
    const resolve = open()
    await Promise.all(Array.from({ length: 50 }, () => resolve(signer.kid)))
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid, algorithms: ['ES256'] })
    expect(fetches).toBe(1)
  })

  test('is fetched again when it is old', async () => {
    const resolve = open()
    await resolve(signer.kid)
    time += 11 * MINUTE
    await resolve(signer.kid)
    expect(fetches).toBe(2)
  })

  test('is fetched again for a new key id, so that a rotation needs no restart', async () => {
    const resolve = open()
    await resolve(signer.kid)
    const next = await makeSigner('EdDSA', now)
    serve([signer.jwk, next.jwk])
    time += MINUTE
    expect(await resolve(next.kid)).toMatchObject({ kid: next.kid })
    expect(fetches).toBe(2)
  })

  test('is fetched at most once a cooldown, whatever key ids an attacker invents', async () => {
    const resolve = open()
    for (let i = 0; i < 200; i++) await expect(resolve(`invented-${i}`)).rejects.toMatchObject(unknown)
    expect(fetches).toBe(1)
    time += 31_000
    await expect(resolve('invented')).rejects.toMatchObject(unknown)
    expect(fetches).toBe(2)
  })

  test('that fails is not asked for at every delivery either', async () => {
    fail()
    const resolve = open()
    for (let i = 0; i < 200; i++) await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
    expect(fetches).toBe(1)
    serve([signer.jwk])
    time += 31_000
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
  })

  test('outlives an outage for a day, and no longer', async () => {
    const resolve = open()
    await resolve(signer.kid)
    fail()
    time += 23 * 60 * MINUTE
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
    await expect(resolve('another')).rejects.toMatchObject(unavailable)
    time += 2 * 60 * MINUTE
    await expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)
  })

  test('that is fresh but cannot be fetched anew does not make a new key id the sender\u2019s fault', async () => {
    const resolve = open()
    await resolve(signer.kid)
    fail()
    time += MINUTE
    await expect(resolve('rotated-in-meanwhile')).rejects.toMatchObject(unavailable)
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
    serve([signer.jwk])
    time += MINUTE
    await expect(resolve('rotated-in-meanwhile')).rejects.toMatchObject(unknown)
  })

  test('forgets a key that the sender has withdrawn', async () => {
    const next = await makeSigner('ES256', now)
    serve([signer.jwk, next.jwk])
    const resolve = open()
    await resolve(signer.kid)
    serve([next.jwk])
    time += 11 * MINUTE
    await expect(resolve(signer.kid)).rejects.toMatchObject(unknown)
  })

  test('counts each fetch by its outcome', async () => {
    const outcomes: string[] = []
    const resolve = open({ onFetch: (outcome) => outcomes.push(outcome) })
    await resolve(signer.kid)
    fail()
    time += 11 * MINUTE
    await resolve(signer.kid)
    expect(outcomes).toEqual(['ok', 'failed'])
  })
})

describe('an answer that is no key set', () => {
  const padded = (): string => JSON.stringify({ keys: [signer.jwk], pad: 'x'.repeat(300_000) })

  test.each<[string, RequestListener]>([
    ['an error', (_req, res) => res.writeHead(503).end()],
    ['a page', (_req, res) => res.setHeader('content-type', 'text/html').end('<html>')],
    ['a set of no keys', (_req, res) => res.end('{"keys":[]}')],
    ['a list', (_req, res) => res.end('[]')],
    ['more bytes than a key set has, by length', (_req, res) => res.end(padded())],
    [
      'a redirect to a good one',
      (req, res) => {
        if (req.url === '/good') res.end(JSON.stringify({ keys: [signer.jwk] }))
        else res.writeHead(302, { location: '/good' }).end()
      },
    ],
    ['nothing at all: the connection is cut', (req) => req.socket.destroy()],
  ])('%s is refused', async (_name, listener) => {
    answer = listener
    await expect(open()(signer.kid)).rejects.toMatchObject(unavailable)
    expect(fetches).toBe(1)
  })

  test('is not read to its end when it never ends', async () => {
    let sent = 0
    const cut = new Promise<void>((resolve) => {
      answer = (_req, res) => {
        const more = (): void => {
          while (!res.destroyed && res.write(' '.repeat(65_536))) sent += 65_536
        }
        res.on('drain', more).once('close', resolve)
        more()
      }
    })
    await expect(open()(signer.kid)).rejects.toMatchObject(unavailable)
    await cut
    expect(sent).toBeLessThan(50_000_000)
  })

  test('is not waited for longer than the time-out', async () => {
    answer = () => undefined
    await expect(open({ timeoutMs: 50 })(signer.kid)).rejects.toMatchObject(unavailable)
  })

  test('that stops after its first byte holds nobody up, also when garbage is collected meanwhile', async () => {
    answer = (_req, res) => {
      res.writeHead(200)
      res.write('{')
    }
    const resolve = open({ timeoutMs: 500 })
    await underGarbageCollection(() =>
      Promise.all(
        Array.from({ length: 5 }, () => expect(resolve(signer.kid)).rejects.toMatchObject(unavailable)),
      ),
    )
    serve([signer.jwk])
    time += 31_000
    expect(await resolve(signer.kid)).toMatchObject({ kid: signer.kid })
  }, 10_000)
})

describe('the receiver with a remote key set', () => {
  test('answers 503 with Retry-After while there are no keys, and 202 when they are back', async () => {
    fail()
    const receiver = await startTestReceiver({ resolveKey: open() })
    const body = Buffer.from(eventBody())
    const signature = await signer.sign(body)
    const answered = await postDelivery(receiver.url, body, signature)
    expect(answered).toMatchObject({
      status: 503,
      json: { type: 'urn:filter-ledger:problem:keys-unavailable' },
    })
    expect(Number(answered.headers['retry-after'])).toBeGreaterThan(0)
    expect(receiver.ledger.reader.size()).toBe(0)
    serve([signer.jwk])
    time += 31_000
    expect(await postDelivery(receiver.url, body, signature)).toMatchObject({ status: 202 })
    await receiver.close()
  })

  test('answers 401 to a key id that a fresh set has not, and never fetches for a malformed one', async () => {
    const receiver = await startTestReceiver({ resolveKey: open() })
    const body = Buffer.from(eventBody())
    const malformed = await signer.sign(body, { kid: '../jwks' })
    expect(await postDelivery(receiver.url, body, malformed)).toMatchObject({ status: 401 })
    expect(fetches).toBe(0)
    const unknownKid = await signer.sign(body, { kid: 'unknown' })
    expect(await postDelivery(receiver.url, body, unknownKid)).toMatchObject({ status: 401 })
    expect(fetches).toBe(1)
    await receiver.close()
  })
})
