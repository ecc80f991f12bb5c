import { brotliCompressSync, gzipSync } from 'node:zlib'
import { parseStored } from '../../ledger/store/entry-reader.ts'
import { expectRefused, problem } from './expect-refused.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'
import { signHeaderText, unixTime } from './signer.ts'
import { BODY_LIMIT, eventBody, SIGNATURE_HEADER, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver()
  // The key's own entry is written now, so that from here on nothing but an accepted event adds one.
  await receiver.deliver(eventBody())
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const webhook = (): string => `${receiver.url}/webhooks/genesys`
const refused = (status: number, type: string, send: () => Promise<Answer>): Promise<Answer> =>
  expectRefused(receiver, status, type, send)

const body = Buffer.from(eventBody())
const headerOf = (changes: Readonly<Record<string, unknown>> = {}): string => {
  const { alg, kid } = receiver.signers.ES256
  return JSON.stringify({ alg, kid, iat: unixTime(new Date()), ...changes })
}

describe('what is not plain JSON in UTF-8 is 415, signed or not', () => {
  const post = (headers: Readonly<Record<string, string>>, sent: Uint8Array = body): Promise<Answer> =>
    call(webhook(), { method: 'POST', headers, body: sent })

  test.each([
    ['application/jwt'],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/json; charset=utf-16'],
    ['application/json; charset=iso-8859-1'],
    ['application/json; charset=utf-8; charset=utf-16'],
    ['application/json, text/plain'],
    ['application/jsonp'],
  ])('%s', async (contentType) => {
    const headers = {
      'content-type': contentType,
      [SIGNATURE_HEADER]: signHeaderText(body, headerOf(), receiver.signers.ES256),
    }
    const answer = await refused(415, 'media-type-unsupported', () => post(headers))
    expect(answer.headers['accept-post']).toBe('application/json')
  })

  test('no content type', async () => {
    await refused(415, 'media-type-unsupported', () =>
      post({ [SIGNATURE_HEADER]: signHeaderText(body, headerOf(), receiver.signers.ES256) }),
    )
  })

  test.each<[string, Uint8Array]>([
    ['gzip', gzipSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity, gzip', gzipSync(body)],
    ['deflate', body],
  ])('content-encoding %s, whichever bytes were signed', async (encoding, compressed) => {
    const over = [body, compressed].map((bytes) => signHeaderText(bytes, headerOf(), receiver.signers.ES256))
    for (const signature of over) {
      const headers = {
        'content-type': 'application/json',
        'content-encoding': encoding,
        [SIGNATURE_HEADER]: signature,
      }
      await refused(415, 'media-type-unsupported', () => post(headers, compressed))
    }
  })
})

describe('a body beyond the limit is 413', () => {
  test.each([
    ['by its length', false],
    ['in chunks', true],
  ])('%s', async (_name, chunked) => {
    const large = Buffer.alloc(BODY_LIMIT + 1, ' ')
    const signature = signHeaderText(large, headerOf(), receiver.signers.ES256)
    const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature }
    await refused(413, 'body-too-large', () =>
      call(webhook(), { method: 'POST', headers, body: large, chunked }),
    )
  })
})

describe('a verified body that is no event is 422, and kept in quarantine', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['not JSON', '{"id":'],
    ['JSON with more behind it', `${eventBody()}{}`],
    ['a list', '[]'],
    ['a string', '"event"'],
    ['null', 'null'],
    [
      'not UTF-8',
      Buffer.concat([Buffer.from(eventBody().slice(0, -1)), Buffer.from(',"x":"\xff"}', 'latin1')]),
    ],
    ['UTF-16', Buffer.from(eventBody(), 'utf16le')],
    ['a byte order mark in front', `\uFEFF${eventBody()}`],
    ['a member __proto__', eventBody().replace('{', '{"__proto__":{"admin":true},')],
    ['a member __proto__ in disguise', eventBody().replace('{', '{"\\u005f_proto__":{"admin":true},')],
    [
      '__proto__ deep inside',
      eventBody({ filter: { id: 'f' } }).replace('"id":"f"', '"id":"f","a":[{"__proto__":1}]'),
    ],
    ['constructor.prototype', eventBody({ constructor: { prototype: { admin: true } } })],
    ['10,000 levels of lists', eventBody().replace('{', `{"x":${nested(10_000)},`)],
    [
      '10,000 levels of objects',
      eventBody().replace('{', `{"x":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)},`),
    ],
    ['no id', eventBody({ id: undefined })],
    ['an id that is a number', eventBody({ id: 7 })],
    ['an empty id', eventBody({ id: '' })],
    ['an id with a line feed', eventBody({ id: 'a\nb' })],
    ['an id of 129 characters', eventBody({ id: 'x'.repeat(129) })],
    ['no event type', eventBody({ event_type: undefined })],
    ['an event type that is a list', eventBody({ event_type: ['a'] })],
    ['no timestamp', eventBody({ timestamp: undefined })],
    ['a timestamp in words', eventBody({ timestamp: 'yesterday' })],
    ['a timestamp without a zone', eventBody({ timestamp: '2026-01-31T12:00:00' })],
    ['a timestamp of month 13', eventBody({ timestamp: '2026-13-01T00:00:00Z' })],
  ])('%s', async (_name, text) => {
    const before = receiver.ledger.reader.size()
    const answer = await receiver.deliver(text)
    expect(answer).toMatchObject({ status: 422, json: problem('event-invalid') })
    expect(answer.text.length).toBeLessThan(600)
    expect(receiver.ledger.reader.size()).toBe(before + 1)
    const [stored] = receiver.ledger.reader.page(before, 1)
    expect(stored && parseStored(stored)).toMatchObject({
      type: 'event.unrecognised',
      action: 'quarantine',
      status: 'FAILURE',
      entity: { type: 'webhook' },
      data: { reason: 'event-invalid' },
      evidence: { source: 'genesys', scheme: 'jws' },
    })
    expect(receiver.ledger.bodySizes(before)[0]).toBe(Buffer.byteLength(text))
  })

  test('once, however often it is sent', async () => {
    await receiver.deliver('{"no":"event"}')
    await refused(422, 'event-invalid', () => receiver.deliver('{"no":"event"}'))
  })

  test('but not while the ledger takes nothing: then it is 503, to be sent again', async () => {
    const full = await startTestReceiver({ ledger: { maxQueue: 0 } })
    const answer = await full.deliver('{"no":"event"}')
    expect(answer).toMatchObject({ status: 503, json: problem('ledger-unavailable') })
    await full.close()
  })
})
