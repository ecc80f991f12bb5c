import { request } from 'node:http'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { ActionCall } from '../../receiver/action-handler.ts'
import type { OperationAnswer, OperationRoute } from '../../receiver/operation-handler.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'
import { expectRefused } from './expect-refused.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'

const SECRET = 'the secret is at /srv/internal/path'

/** Does what its input says, so that a test decides what becomes of an operation. */
async function obey(
  input: unknown,
  context: ActionCall,
  tell: (progress: object) => void,
): Promise<OperationAnswer> {
  const { be } = input as { readonly be?: string }
  tell({ done: 1, total: 2 })
  if (be === 'invalid') return { kind: 'invalid', message: 'filters.0.name: too short' }
  if (be === 'unreachable') return { kind: 'unreachable', message: 'Genesys Cloud did not answer' }
  if (be === 'full') throw new LedgerError('ledger-full', SECRET)
  if (be === 'broken') throw new Error(SECRET)
  if (be === 'slow') {
    slow.begun()
    await slow.gate
  }
  tell({ done: 2, total: 2 })
  slow.finished()
  return { kind: 'done', result: { status: 'applied', input, actor: context.actor.id } }
}

const slow = {
  gate: Promise.resolve(),
  begun: (): void => undefined,
  finished: (): void => undefined,
}
const OPERATIONS: readonly OperationRoute[] = [
  { name: 'plan', scope: 'pipeline:read', handle: obey },
  { name: 'apply', scope: 'pipeline:write', handle: obey },
]

let receiver: TestReceiver
let writer: string
let reader: string

beforeAll(async () => {
  receiver = await startTestReceiver({ operations: OPERATIONS })
  writer = await receiver.token(['pipeline:write'])
  reader = await receiver.token(['pipeline:read'])
})
afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const headersOf = (headers: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  'content-type': 'application/json',
  authorization: `Bearer ${writer}`,
  ...headers,
})
const post = (
  body: string | object = {},
  headers: Readonly<Record<string, string>> = {},
  path = 'apply',
): Promise<Answer> =>
  call(`${receiver.url}/pipeline/${path}`, {
    method: 'POST',
    headers: headersOf(headers),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const stream = (body: object): Promise<Answer> => post(body, { accept: 'application/x-ndjson' })
const linesOf = ({ text }: Answer): readonly unknown[] => {
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}
const problem = (type: string, status: number): object => ({
  problem: expect.objectContaining({ type: `urn:filter-ledger:problem:${type}`, status }) as unknown,
})

describe('an operation', () => {
  test('is carried out for the subject of the token, and answers its result alone', async () => {
    const answer = await post({ a: 1 })
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json).toEqual({ status: 'applied', input: { a: 1 }, actor: 'an-auditor' })
  })

  test('needs a token, and one of its own scope: who may read may not write, nor the other way round', async () => {
    await expectRefused(receiver, 401, 'token-missing', () =>
      call(`${receiver.url}/pipeline/apply`, { method: 'POST', body: '{}' }),
    )
    await expectRefused(receiver, 403, 'scope-missing', () => post({}, { authorization: `Bearer ${reader}` }))
    await expectRefused(receiver, 403, 'scope-missing', () => post({}, {}, 'plan'))
    expect(await post({}, { authorization: `Bearer ${reader}` }, 'plan')).toMatchObject({ status: 200 })
  })

  test.each([
    ['nothing', ''],
    ['broken', '{"a":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['with a member __proto__', '{"__proto__":{"a":1}}'],
  ])('is refused with 400 for a body that is %s, to whom wants a stream, too', async (_name, body) => {
    await expectRefused(receiver, 400, 'request-malformed', () => post(body))
    await expectRefused(receiver, 400, 'request-malformed', () =>
      post(body, { accept: 'application/x-ndjson' }),
    )
  })

  test.each(['text/plain', 'application/x-ndjson', 'application/json; charset=latin1'])(
    'is refused with 415 for the content type %s',
    async (type) => {
      await expectRefused(receiver, 415, 'media-type-unsupported', () => post({}, { 'content-type': type }))
    },
  )

  test('takes a body of 4 MiB, which is more than a webhook may send, and no byte more', async () => {
    const filled = (size: number): string => `{"a":"${'x'.repeat(size - 8)}"}`
    const limit = 4 * 1024 * 1024
    expect(await post(filled(limit))).toMatchObject({ status: 200 })
    await expectRefused(receiver, 413, 'body-too-large', () => post(filled(limit + 1)))
  })

  test('is refused in the words of its rules, and tells when Genesys Cloud is away', async () => {
    const invalid = await expectRefused(receiver, 422, 'operation-invalid', () => post({ be: 'invalid' }))
    expect(invalid.json).toMatchObject({ detail: 'filters.0.name: too short' })
    const away = await expectRefused(receiver, 502, 'genesys-unavailable', () => post({ be: 'unreachable' }))
    expect(away.json).toMatchObject({ detail: 'Genesys Cloud did not answer' })
  })

  test('that the ledger does not take may be tried again; one that breaks tells nothing of the inside', async () => {
    const full = await expectRefused(receiver, 503, 'ledger-unavailable', () => post({ be: 'full' }))
    expect(full.headers['retry-after']).toMatch(/^\d+$/)
    const broken = await expectRefused(receiver, 500, 'internal-error', () => post({ be: 'broken' }))
    for (const { text } of [full, broken]) expect(text).not.toMatch(/secret|\/srv|at .*\.ts/)
  })

  test.each(['GET', 'PUT', 'DELETE'])('by %s is 405, and says that POST is allowed', async (method) => {
    const answer = await call(`${receiver.url}/pipeline/apply`, { method, headers: headersOf() })
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })

  test('of no such name is 404', async () => {
    expect(await post({}, {}, 'bogus')).toMatchObject({ status: 404 })
  })
})

describe('an operation as a stream of lines', () => {
  test('tells that it began, how far it is, and last the result', async () => {
    const answer = await stream({ a: 1 })
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
    })
    expect(linesOf(answer)).toEqual([
      { accepted: true },
      { progress: { done: 1, total: 2 } },
      { progress: { done: 2, total: 2 } },
      { result: { status: 'applied', input: { a: 1 }, actor: 'an-auditor' } },
    ])
  })

  test.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
  ])('is for who accepts it most: %s gets %s', async (accept, type) => {
    expect((await post({}, { accept })).headers['content-type']).toBe(type)
  })

  test.each([
    ['invalid', 'operation-invalid', 422],
    ['unreachable', 'genesys-unavailable', 502],
    ['full', 'ledger-unavailable', 503],
    ['broken', 'internal-error', 500],
  ])('that ends %s has the problem %s as its last line', async (be, type, status) => {
    const answer = await stream({ be })
    expect(answer.status).toBe(200)
    expect(linesOf(answer)).toEqual([
      { accepted: true },
      { progress: { done: 1, total: 2 } },
      problem(type, status),
    ])
    expect(answer.text).not.toMatch(/secret|\/srv|at .*\.ts/)
  })

  test('that breaks leaves its cause in the log, as without a stream', async () => {
    const before = receiver.logged().length
    const { headers } = await stream({ be: 'broken' })
    const logged = receiver.logged().slice(before)
    expect(logged).toContain('"msg":"internal error"')
    expect(logged).toContain(SECRET)
    expect(logged).toContain(String(headers['x-request-id']))
  })

  test.each(['application/x-ndjson', 'application/json'])(
    'goes on when its client hangs up (%s), and the receiver lives',
    async (accept) => {
      let open = (): void => undefined
      slow.gate = new Promise((resolve) => (open = resolve))
      const begun = new Promise<void>((resolve) => (slow.begun = resolve))
      const finished = new Promise<void>((resolve) => (slow.finished = resolve))
      const headers = headersOf({ accept })
      const sent = request(`${receiver.url}/pipeline/apply`, { method: 'POST', agent: false, headers })
      const gone = new Promise<void>((resolve) => sent.on('error', () => undefined).once('close', resolve))
      sent.end('{"be":"slow"}')
      await begun
      sent.destroy()
      await gone
      open()
      await finished
      expect(await post({ a: 1 })).toMatchObject({ status: 200 })
    },
  )
})
