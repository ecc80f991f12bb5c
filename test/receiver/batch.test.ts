import type { ActionCall, ActionRoute, BatchItem } from '../../receiver/action-handler.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'

/** Gives back what it was handed, so that a test sees it. */
const echo: ActionRoute = {
  name: 'echo',
  scope: 'actions:echo',
  handle: (input: unknown) => Promise.resolve({ status: 'echoed', one: input }),
  handleMany: (many: readonly BatchItem[], { actor }: ActionCall) =>
    Promise.resolve({ status: 'echoed', many, actor: actor.id }),
}
const full: ActionRoute = {
  ...echo,
  name: 'full',
  handleMany: () => Promise.reject(new LedgerError('queue-full', 'inside')),
}

let receiver: TestReceiver
let token: string

beforeAll(async () => {
  receiver = await startTestReceiver({ actions: [echo, full] })
  token = await receiver.token(['actions:echo'])
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const JSON_TYPE = 'application/json'
const LINES = 'application/x-ndjson'
const post = (body: string | Uint8Array, type = JSON_TYPE, path = '/actions/echo'): Promise<Answer> =>
  call(receiver.url + path, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${token}` },
    body,
  })

describe('an action that takes many', () => {
  test('takes one as ever', async () => {
    expect((await post('{"a":1}')).json).toEqual({ status: 'echoed', one: { a: 1 } })
  })

  test('takes a list, whatever its items are', async () => {
    expect((await post('[{"a":1},7,null]')).json).toEqual({
      status: 'echoed',
      actor: 'an-auditor',
      many: [
        { line: 1, input: { a: 1 } },
        { line: 2, input: 7 },
        { line: 3, input: null },
      ],
    })
  })

  test.each([LINES, 'application/jsonl', 'application/ndjson; charset=utf-8'])(
    'takes lines as %s',
    async (type) => {
      const answer = await post('{"a":1}\r\n\n  \n{"a":\n{"b":"\u20ac"}\n', type)
      expect(answer.json).toMatchObject({
        many: [
          { line: 1, input: { a: 1 } },
          { line: 4, unreadable: expect.stringMatching(/not one well-formed JSON value/) },
          { line: 5, input: { b: '\u20ac' } },
        ],
      })
    },
  )

  test('reads the other lines where one is not UTF-8, begins with a byte order mark, or has a member __proto__', async () => {
    const body = Buffer.concat([
      Buffer.from('{"a":"\u20ac"}\n{"a":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n\uFEFF{}\n{"__proto__":{}}\n{}'),
    ])
    expect((await post(body, LINES)).json).toMatchObject({
      many: [
        { line: 1, input: { a: '\u20ac' } },
        { line: 2, unreadable: expect.any(String) },
        { line: 3, unreadable: expect.any(String) },
        { line: 4, unreadable: expect.any(String) },
        { line: 5, input: {} },
      ],
    })
  })

  test.each([
    ['a list', JSON_TYPE, '[]'],
    ['lines', LINES, ''],
    ['blank lines', LINES, '\n\n'],
  ])('takes %s of nothing', async (_, type, body) => {
    expect(await post(body, type)).toMatchObject({ status: 200, json: { many: [] } })
  })

  test.each([
    ['a list', JSON_TYPE, (count: number) => `[${Array(count).fill('{}').join()}]`],
    ['lines', LINES, (count: number) => '{}\n'.repeat(count)],
  ])('takes 1,000 items of %s, and not one more', async (_, type, body) => {
    expect(await post(body(1000), type)).toMatchObject({ status: 200 })
    expect(await post(body(1001), type)).toMatchObject({
      status: 413,
      json: {
        type: 'urn:filter-ledger:problem:batch-too-large',
        code: 'batch.too.large',
        detail: expect.stringMatching(/^1001 items were sent, at most 1000/),
      },
    })
  })

  test('takes 1 MiB, and not one byte more', async () => {
    const body = (bytes: number): string => `[${' '.repeat(bytes - 2)}]`
    expect(await post(body(1_048_576))).toMatchObject({ status: 200 })
    expect(await post(body(1_048_577))).toMatchObject({
      status: 413,
      json: { code: 'body.too.large', detail: expect.stringMatching(/^At most 1048576 bytes .* in parts/) },
    })
  })

  test.each(['', '{"a":', '7', '[{]', '[{"__proto__":{}}]'])('answers 400 to %j', async (body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      json: { code: 'request.malformed', detail: expect.stringMatching(/one a line/) },
    })
  })

  test('names both types to who sends another', async () => {
    const answer = await post('a,b', 'text/csv')
    expect(answer).toMatchObject({ status: 415, json: { detail: expect.stringMatching(/x-ndjson/) } })
    expect(answer.headers['accept-post']).toBe('application/json, application/x-ndjson')
  })

  test('answers 503 where the ledger takes none of them, as for one', async () => {
    const answer = await post('[{}]', JSON_TYPE, '/actions/full')
    expect(answer).toMatchObject({ status: 503, json: { code: 'ledger.unavailable' } })
    expect(answer.headers['retry-after']).toMatch(/^\d+$/)
  })
})
