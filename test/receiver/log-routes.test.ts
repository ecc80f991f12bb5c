import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { verifyTlogProof } from '../../ledger/note/tlog-proof.ts'
import { formatVerifierKey } from '../../ledger/note/verifier-key.ts'
import { decodeBundle } from '../../ledger/tree/entry-bundle.ts'
import { isConsistent } from '../../ledger/tree/proof.ts'
import { draft, removeTempFolders, TEST_SIGNER } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'

const SIZE = 600
let receiver: TestReceiver
let token: string

beforeAll(async () => {
  receiver = await startTestReceiver()
  for (const count of [300, 300])
    await Promise.all(
      Array.from({ length: count }, (_, i) => receiver.ledger.append({ entry: draft({ data: { i } }) })),
    )
  token = await receiver.token(['ledger:read'], { lifetimeS: 600 })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const get = (path: string, bearer?: string, method = 'GET'): Promise<Answer> =>
  call(receiver.url + path, {
    method,
    ...(bearer !== undefined && { headers: { authorization: `Bearer ${bearer}` } }),
  })

describe('the ledger as a public log', () => {
  test('GET /checkpoint gives the newest signed head, never cached', async () => {
    const { status, headers, text } = await get('/checkpoint')
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-cache',
    })
    expect(parseCheckpoint(text)).toMatchObject({ origin: TEST_SIGNER.key.name, size: SIZE })
  })

  test('GET /verifier-keys gives every key that signed', async () => {
    expect((await get('/verifier-keys')).text).toBe(`${formatVerifierKey(TEST_SIGNER.key)}\n`)
  })

  test.each([
    ['/tile/0/000', 8192],
    ['/tile/0/001', 8192],
    ['/tile/0/002.p/88', 88 * 32],
    ['/tile/0/002.p/1', 32],
    ['/tile/1/000.p/2', 64],
  ])('GET %s gives %i bytes that never change', async (path, length) => {
    const answer = await get(path)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(length),
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect((await get(path, undefined, 'HEAD')).status).toBe(200)
  })

  test('entry bundles need a token, and hold the exact entries', async () => {
    expect((await get('/tile/entries/000')).json).toMatchObject({
      status: 401,
      type: expect.stringContaining('token-missing') as string,
    })
    const answer = await fetch(`${receiver.url}/tile/entries/002.p/88`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const entries = decodeBundle(Buffer.from(await answer.arrayBuffer()), 88)
    expect(entries?.map(String)).toEqual(receiver.ledger.reader.page(512, 88).map(({ text }) => text))
    expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
  })

  test.each([
    ['/tile/0/2', 400, 'tile-path-malformed'],
    ['/tile/0/000.p/256', 400, 'tile-path-malformed'],
    ['/tile/0/000.p/0', 400, 'tile-path-malformed'],
    ['/tile/9/000', 400, 'tile-path-malformed'],
    ['/tile/0/x000/001', 400, 'tile-path-malformed'],
    ['/tile/0/..%2f..%2fetc', 400, 'tile-path-malformed'],
    ['/tile/0/002', 404, 'tile-not-found'],
    ['/tile/0/002.p/89', 404, 'tile-not-found'],
    ['/tile/1/000', 404, 'tile-not-found'],
    ['/tile/0/x001/x234/067', 404, 'tile-not-found'],
    ['/ledger/entries/600/proof', 404, 'entry-not-found'],
    ['/ledger/entries/x/proof', 400, 'query-invalid'],
    ['/ledger/entries/1/proof?size=601', 404, 'size-in-future'],
    ['/ledger/entries/1/proof?size=1', 404, 'checkpoint-missing'],
    ['/ledger/consistency', 400, 'query-invalid'],
    ['/ledger/consistency?from=5&to=4', 400, 'query-invalid'],
    ['/ledger/consistency?from=5&to=601', 404, 'size-in-future'],
    ['/ledger/consistency?from=1&until=2', 400, 'query-invalid'],
  ])('GET %s is %i %s', async (path, status, type) => {
    expect(await get(path)).toMatchObject({
      headers: { 'cache-control': 'no-store' },
      json: { status, type: `urn:filter-ledger:problem:${type}` },
    })
  })

  test('a folder of tiles is no tile, and no method makes it one', async () => {
    for (const path of ['/tile', '/tile/', '/ledger/exports', '/ledger/exports/'])
      for (const method of ['GET', 'POST'])
        expect(await get(path, token, method)).toMatchObject({
          status: 404,
          json: { type: 'urn:filter-ledger:problem:not-found' },
        })
  })

  test('POST to any of it is 405', async () => {
    for (const path of [
      '/checkpoint',
      '/tile/0/000',
      '/ledger/entries/1/proof',
      '/ledger/consistency',
      '/ledger/exports/x',
    ])
      expect(await get(path, undefined, 'POST')).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD' },
      })
  })

  test('a proof verifies the entry with the verifier key alone, under the newest head and under an older one', async () => {
    for (const [index, query] of [
      [0, ''],
      [299, '?size=300'],
      [599, ''],
    ] as const) {
      const { status, headers, text } = await get(`/ledger/entries/${index}/proof${query}`)
      expect(status).toBe(200)
      expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8' })
      const entry = Buffer.from(receiver.ledger.reader.at(index)?.text ?? '')
      expect(verifyTlogProof(entry, text, [TEST_SIGNER.key]).size).toBe(query === '' ? SIZE : 300)
      entry.writeUInt8(entry.readUInt8(20) ^ 1, 20)
      expect(() => verifyTlogProof(entry, text, [TEST_SIGNER.key])).toThrow(
        expect.objectContaining({ code: 'proof-wrong' }) as Error,
      )
    }
  })

  test('a consistency proof shows that the newest head goes on from an older one', async () => {
    const older = parseCheckpoint(receiver.ledger.log.checkpointAt(300) ?? '')
    const newest = parseCheckpoint((await get('/checkpoint')).text)
    const { text } = await get('/ledger/consistency?from=300')
    const proof = text
      .split('\n')
      .slice(0, -1)
      .map((line) => Buffer.from(line, 'base64'))
    expect(isConsistent(older, newest, proof)).toBe(true)
    expect(isConsistent(older, newest, proof.toReversed())).toBe(false)
    expect((await get('/ledger/consistency?from=0')).text).toBe('')
  })
})

describe('what is open', () => {
  test('is configuration: with nothing open, all of it needs ledger:read', async () => {
    const closed = await startTestReceiver({ open: [] })
    const bearer = await closed.token(['ledger:read'])
    for (const path of ['/checkpoint', '/verifier-keys', '/ledger/consistency?from=0']) {
      expect(await call(closed.url + path)).toMatchObject({ status: 401 })
      expect(await call(closed.url + path, { headers: { authorization: `Bearer ${bearer}` } })).toMatchObject(
        { status: 200 },
      )
    }
    await closed.ledger.append({ entry: draft() })
    const authorization = `Bearer ${bearer}`
    for (const path of ['/tile/0/000.p/1', '/tile/entries/000.p/1']) {
      expect(await call(closed.url + path)).toMatchObject({
        status: 401,
        headers: { 'cache-control': 'no-store' },
      })
      expect(await call(closed.url + path, { headers: { authorization } })).toMatchObject({
        status: 200,
        headers: { 'cache-control': 'private, max-age=31536000, immutable' },
      })
    }
    await closed.close()
    const open = await startTestReceiver({ open: ['entries'] })
    await open.ledger.append({ entry: draft() })
    expect(await call(`${open.url}/tile/entries/000.p/1`)).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'public, max-age=31536000, immutable' },
    })
    expect(await call(`${open.url}/ledger/entries`)).toMatchObject({ status: 401 })
    await open.close()
  })
})
