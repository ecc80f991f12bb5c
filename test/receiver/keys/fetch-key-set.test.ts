import type { RequestListener } from 'node:http'
import { createGzip } from 'node:zlib'
import { fetchKeySet } from '../../../receiver/webhook/keys/fetch-key-set.ts'
import type { FetchOutcome } from '../../../receiver/webhook/keys/fetch-key-set.ts'
import { underGarbageCollection } from '../../support/collect-garbage.ts'
import { makeSigner } from '../signer.ts'
import type { Signer } from '../signer.ts'
import { startKeyServer } from './key-server.ts'
import type { KeyServer } from './key-server.ts'

let server: KeyServer
let signer: Signer

beforeAll(async () => {
  server = await startKeyServer()
  signer = await makeSigner('ES256', () => new Date())
})

afterAll(() => server.close())

const set = (): string => JSON.stringify({ keys: [signer.jwk] })
const get = (timeoutMs = 5000) => fetchKeySet({ url: server.url, fetch, timeoutMs })

function typed(type: string, text: () => string): RequestListener {
  return (_req, res) => res.setHeader('content-type', type).end(text())
}

const json = (text: () => string): RequestListener => typed('application/json', text)

test.each(['application/json', 'application/jwk-set+json', 'Application/JSON; charset="UTF-8"; v=1'])(
  'a set that is sent as %s is read',
  async (type) => {
    server.answer(typed(type, set))
    expect(await get()).toMatchObject({ outcome: 'ok' })
  },
)

describe('an answer that is no key set', () => {
  test.each<[string, FetchOutcome, RequestListener]>([
    ['an error', 'status', (_req, res) => res.writeHead(503).end()],
    ['no content', 'status', (_req, res) => res.writeHead(204).end()],
    ['a page', 'media-type', typed('text/html', () => '<html>')],
    ['a set that is sent as text', 'media-type', typed('text/plain', set)],
    ['a set without a type', 'media-type', (_req, res) => res.end(set())],
    ['a set in another charset', 'media-type', typed('application/json; charset=utf-16', set)],
    ['a type that only begins like JSON', 'media-type', typed('application/json-seq', set)],
    ['a set of no keys', 'not-a-key-set', json(() => '{"keys":[]}')],
    ['a list', 'not-a-key-set', json(() => '[]')],
    ['half a set', 'not-a-key-set', json(() => set().slice(0, -2))],
    ['a byte order mark before it', 'not-a-key-set', json(() => `\uFEFF${set()}`)],
    [
      'a redirect to a good one',
      'unreachable',
      (req, res) => {
        if (req.url === '/good') json(set)(req, res)
        else res.writeHead(302, { location: '/good' }).end()
      },
    ],
    ['nothing at all: the connection is cut', 'unreachable', (req) => req.socket.destroy()],
    ['nothing at all: it never comes', 'timeout', () => undefined],
    [
      'one that comes a byte at a time',
      'timeout',
      (_req, res) => {
        res.setHeader('content-type', 'application/json')
        const timer = setInterval(() => res.write(' '), 20)
        res.on('close', () => {
          clearInterval(timer)
        })
      },
    ],
  ])('%s is %s', async (_name, outcome, listener) => {
    server.answer(listener)
    expect(await get(400)).toMatchObject({ outcome })
  })
})

describe('an answer that is too large', () => {
  const spaces = Buffer.alloc(65_536, ' ')
  const TOTAL = 200 * 1024 * 1024

  /** Writes as fast as it is read, 200 MiB at most; tells how much of it went out. */
  function flood(
    res: { write: (chunk: Buffer) => boolean; end: () => unknown } & NodeJS.EventEmitter,
  ): () => number {
    let sent = 0
    const more = (): void => {
      while (sent < TOTAL) {
        sent += spaces.length
        if (!res.write(spaces)) return
      }
      res.end()
    }
    res.on('drain', more)
    more()
    return () => sent
  }

  test.each(['chunked', 'with its length'])('is not read to its end, nor kept: 200 MiB, %s', async (how) => {
    let sent = (): number => 0
    server.answer((_req, res) => {
      res.setHeader('content-type', 'application/json')
      if (how !== 'chunked') res.setHeader('content-length', TOTAL)
      sent = flood(res)
    })
    const before = process.memoryUsage().rss
    expect(await get()).toMatchObject({ outcome: 'too-large' })
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
    expect(sent()).toBeLessThan(TOTAL / 4)
  })

  test('is counted as it is inflated', async () => {
    server.answer((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      const gzip = createGzip()
      gzip.pipe(res)
      flood(gzip)
      res.on('close', () => gzip.destroy())
    })
    const before = process.memoryUsage().rss
    expect(await get()).toMatchObject({ outcome: 'too-large' })
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })
})

test('an answer that stops after its first byte holds nobody up, also when garbage is collected meanwhile', async () => {
  server.answer((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' })
    res.write('{')
  })
  await underGarbageCollection(async () => {
    const fetched = await Promise.all(Array.from({ length: 5 }, () => get(500)))
    expect(fetched.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'timeout'))
  })
}, 10_000)

test('an endpoint that is not there is told so', async () => {
  const gone = await startKeyServer()
  await gone.close()
  expect(await fetchKeySet({ url: gone.url, fetch, timeoutMs: 5000 })).toMatchObject({
    outcome: 'unreachable',
  })
})
