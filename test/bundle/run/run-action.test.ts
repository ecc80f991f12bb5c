import { BundleError } from '../../../bundle/bundle-error.ts'
import { mapGivenAnswer, renderAction, runAction } from '../../../bundle/run/run-action.ts'
import type { RunRequest, Sent } from '../../../bundle/run/run-action.ts'
import type { RawAnswer, RenderedRequest, RunReport } from '../../../bundle/run/run-report.ts'
import { smallAction, TOKEN_ACTION } from './small-action.ts'

const base: Omit<RunRequest, 'action'> = {
  authAction: undefined,
  input: { orderId: 'A 1' },
  credentials: {},
  apiUrl: undefined,
  correlationId: 'c-1',
}
const ok = (body: unknown): RawAnswer => ({ status: 200, headers: {}, body: JSON.stringify(body) })

/** A service that answers what it is told, in order, and keeps what it was sent. */
function service(...answers: readonly Sent[]) {
  const sent: RenderedRequest[] = []
  const send = (request: RenderedRequest): Promise<Sent> => {
    sent.push(request)
    const answer = answers[sent.length - 1]
    if (answer === undefined) throw new TypeError('one answer too few')
    return Promise.resolve(answer)
  }
  return { sent, deps: { send } }
}

const lastStep = ({ steps }: RunReport) => steps.at(-1)

describe('running a data action', () => {
  test('renders, sends, maps, and answers what a flow can bind', async () => {
    const { sent, deps } = service(ok({ order: { id: 'o-1' }, more: 1 }))
    const report = await runAction({ ...base, action: smallAction() }, deps)
    expect(sent).toEqual([
      { method: 'GET', url: 'https://shop.example.com/orders/A%201', headers: {}, body: undefined },
    ])
    expect(report).toMatchObject({ path: 'success', outputs: { id: 'o-1' }, undeclared: [] })
    expect(report.steps.map(({ name, success }) => [name, success])).toEqual(
      [
        'check the input',
        'render the request',
        'send it',
        'read the answer',
        'translate the answer',
        'render the result',
        'check the result',
        'flatten the result',
      ].map((name) => [name, true]),
    )
  })

  test.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('takes an answer that nests without end for a failure: %s', async (open, close) => {
    const action = smallAction({ response: { successTemplate: '${rawResult}' } })
    const deep = (levels: number) => ({ ...ok(''), body: `${open.repeat(levels)}1${close.repeat(levels)}` })
    const message = (kind: string) =>
      expect.stringContaining(`${kind} nested deeper than 256 levels`) as string
    expect(await mapGivenAnswer({ ...base, action }, deep(5000))).toMatchObject({
      path: 'failure',
      outputs: { userMessage: message('the answer is') },
    })
    const report = await mapGivenAnswer({ ...base, action }, deep(200))
    expect(report.steps.find(({ name }) => name === 'render the result')).toMatchObject({ success: true })
  })

  test('takes a result that nests without end for a failure', async () => {
    const successTemplate = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const action = smallAction({ response: { successTemplate } })
    expect(await mapGivenAnswer({ ...base, action }, ok({}))).toMatchObject({
      path: 'failure',
      outputs: {
        userMessage: expect.stringContaining('JSON that is nested deeper than 256 levels') as string,
      },
    })
  })

  test('renders and sends nothing', async () => {
    const action = smallAction({
      request: {
        requestType: 'POST',
        headers: { 'X-Key': '${credentials.key}', Authorization: '${authResponse.token_type} x' },
        requestTemplate:
          '{"note":"$esc.jsonEncode(${input.note})","unset":"$!{input.unset}","raw":${input.rawRequest}}',
      },
      inputs: { note: 'string', unset: 'string', orderId: 'string' },
    })
    const input = { orderId: '1', note: 'a "quote"\nand 😀' }
    const report = await renderAction({
      ...base,
      action,
      input,
      credentials: { key: 'k' },
      authAction: TOKEN_ACTION,
    })
    if (report.path !== 'dry-run') throw new TypeError(report.path)
    expect(report.request.headers).toEqual({ 'X-Key': 'k', Authorization: 'bearer x' })
    expect(JSON.parse(report.request.body ?? '')).toEqual({ note: input.note, unset: '', raw: input })
  })

  test.each([
    ['a missing input', { required: ['orderId'] }, {}, 'orderId'],
    ['a number for a text', {}, { orderId: 5 }, 'orderId'],
    ['an object', {}, { orderId: { id: 1 } }, 'orderId'],
  ])('refuses %s before anything is sent', async (_, parts, input, field) => {
    const { sent, deps } = service()
    const report = await runAction({ ...base, action: smallAction(parts), input }, deps)
    expect(sent).toEqual([])
    expect(report).toMatchObject({
      path: 'failure',
      outputs: { errorCode: 'bad.request', status: '400', correlationId: 'c-1', 'details.fieldName': field },
    })
    expect(lastStep(report)).toMatchObject({ name: 'check the input', success: false })
  })

  test.each([
    ['a relative URL', { requestUrlTemplate: '/api/v2/users/me' }, /--api-url/],
    ['no URL', { requestUrlTemplate: 'ftp://x/${input.orderId}' }, /renders to no http\(s\) URL/],
    ['a header with a line break', { headers: { 'X-A': 'a\nb' } }, /X-A renders to something that no header/],
    [
      'a template that is none',
      { requestUrlTemplate: 'https://x.example.com/#if(' },
      /requestUrlTemplate, line 1/,
    ],
  ])('tells %s, and where', async (_, request, words) => {
    const report = await runAction({ ...base, action: smallAction({ request }) }, service().deps)
    expect(report.path).toBe('failure')
    expect(lastStep(report)?.error).toMatch(words)
  })

  test('joins a relative URL to the API that it is told', async () => {
    const { sent, deps } = service(ok({}))
    const action = smallAction({ request: { requestUrlTemplate: '/api/v2/users/me' } })
    await runAction({ ...base, action, apiUrl: 'https://api.mypurecloud.com/' }, deps)
    expect(sent[0]?.url).toBe('https://api.mypurecloud.com/api/v2/users/me')
  })
})

describe('a token', () => {
  const action = smallAction({
    request: { headers: { Authorization: '${authResponse.token_type} ${authResponse.access_token}' } },
  })
  const credentials = { id: 'i', secret: 's', loginUrl: 'https://login.example.com/token' }
  const request = { ...base, action, authAction: TOKEN_ACTION, credentials }
  const token = (text: string): RawAnswer => ok({ token_type: 'Bearer', access_token: text })

  test('is fetched first, and another one after a 401, once', async () => {
    const { sent, deps } = service(token('old'), { status: 401, headers: {}, body: '' }, token('new'), ok({}))
    const report = await runAction(request, deps)
    expect(report).toMatchObject({ path: 'success', outputs: { id: 'none' } })
    expect(sent.map(({ headers }) => headers['Authorization'])).toEqual([
      `Basic ${btoa('i:s')}`,
      'Bearer old',
      `Basic ${btoa('i:s')}`,
      'Bearer new',
    ])
    const refused = { status: 401, headers: {}, body: '' }
    const again = service(token('a'), refused, token('b'), refused)
    expect(await runAction(request, again.deps)).toMatchObject({
      path: 'failure',
      outputs: { errorCode: 'bad.credentials', status: '401' },
    })
    expect(again.sent).toHaveLength(4)
  })

  test('that cannot be had ends the run; its text is in no step', async () => {
    const refused = await runAction(request, service({ status: 403, headers: {}, body: '' }).deps)
    expect(lastStep(refused)).toMatchObject({ name: 'fetch a token', success: false })
    expect(lastStep(refused)?.error).toMatch(/gave no token: it answered 403/)
    expect(await runAction(request, service('timeout').deps)).toMatchObject({ path: 'timeout' })
    const report = await runAction(request, service(token('very-secret'), ok({})).deps)
    const shown = report.steps.filter(({ name }) => name === 'fetch a token')
    expect(JSON.stringify(shown)).not.toContain('very-secret')
  })
})

describe('an answer', () => {
  const map = (answer: Partial<RawAnswer>, parts = {}): Promise<RunReport> =>
    mapGivenAnswer(
      { ...base, action: smallAction(parts) },
      { status: 200, headers: {}, body: '{}', ...answer },
    )

  test('takes defaults, lists and null as the platform does', async () => {
    const parts = {
      response: {
        translationMap: { a: '$.a', b: '$.missing', c: "$.all[?(@.x=='1')].y", d: '$.all.length()' },
        translationMapDefaults: { a: '"not used"', b: '"default"' },
        successTemplate:
          '{"a": ${a}, "b": ${b}, "c": ${successTemplateUtils.firstFromArray("${c}", "$esc.quote$esc.quote")}, "d": ${d}}',
      },
      outputs: { a: {}, b: {}, c: {}, d: {} },
    }
    expect(
      await map({ body: '{"a":null,"all":[{"x":"1","y":"yes"},{"x":"2","y":"no"}]}' }, parts),
    ).toMatchObject({
      path: 'success',
      outputs: { a: null, b: 'default', c: 'yes', d: 2 },
    })
  })

  test('is flattened, and what no flow can bind is told', async () => {
    const parts = {
      response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
      outputs: {
        conversation: { type: 'object', properties: { id: { type: 'string' } } },
        absent: { type: 'string' },
      },
    }
    expect(await map({ body: '{"conversation":{"id":"c"},"extra":true}' }, parts)).toMatchObject({
      path: 'success',
      outputs: { 'conversation.id': 'c', absent: null },
      undeclared: ['extra'],
    })
  })

  test.each([
    ['no JSON', { body: '<html>' }, {}, 'read the answer', /is no JSON/],
    [
      'a quoted variable',
      { body: '{"order":{"id":"x"}}' },
      { response: { successTemplate: '{"id": "${id}"}' } },
      'render the result',
      /write \$\{name\} and not "\$\{name\}"/,
    ],
    [
      'a path that leads nowhere, without a default',
      {},
      { response: { translationMapDefaults: {} } },
      'render the result',
      /needs a default/,
    ],
    [
      'another type than promised',
      { body: '{"order":{"id":5}}' },
      {},
      'check the result',
      /breaks the output contract/,
    ],
    [
      'a path that is none',
      {},
      { response: { translationMap: { id: '$.[' } } },
      'translate the answer',
      /"id"/,
    ],
    [
      'a default that is no JSON',
      {},
      { response: { translationMapDefaults: { id: 'none' } } },
      'translate the answer',
      /default is no JSON/,
    ],
  ])('%s is a failure that says why', async (_, answer, parts, step, words) => {
    const report = await map(answer, parts)
    expect(report).toMatchObject({
      path: 'failure',
      outputs: { status: '500', errorCode: 'internal.server.error' },
    })
    expect(lastStep(report)).toMatchObject({ name: step, success: false })
    expect(lastStep(report)?.error).toMatch(words)
  })

  test('of 204 without a body is an empty object', async () => {
    expect(await map({ status: 204, body: '' })).toMatchObject({ path: 'success', outputs: { id: 'none' } })
  })

  test('that is an error shows Genesys\u2019 own members, and of another service the status alone', async () => {
    const body = {
      message: 'Value [x] is not valid',
      code: 'invalid.value',
      status: 400,
      entityId: 'e',
      messageWithParams: 'Value [{v}]',
      messageParams: { v: 'x' },
      details: [{ errorCode: 'd', fieldName: 'f', entityId: 'g', entityName: 'h' }],
    }
    expect(await map({ status: 400, body: JSON.stringify(body) })).toMatchObject({
      path: 'failure',
      outputs: {
        errorCode: 'invalid.value',
        status: '400',
        correlationId: 'c-1',
        entityId: 'e',
        entityName: '',
        userMessage: 'Value [x] is not valid',
        userParamsMessage: 'Value [{v}]',
        'userParams.key': 'v',
        'userParams.value': 'x',
        'details.errorCode': 'd',
        'details.fieldName': 'f',
        'details.entityId': 'g',
        'details.entityName': 'h',
      },
    })
    const other = await map({ status: 429, body: '<h1>slow down</h1>' })
    expect(other).toMatchObject({ outputs: { errorCode: 'too.many.requests', status: '429' } })
    expect(Object.keys(other.path === 'failure' ? other.outputs : {})).toHaveLength(13)
  })

  test('an error that is ours alone is thrown, not reported', async () => {
    const send = (): never => {
      throw new TypeError('a mistake')
    }
    await expect(runAction({ ...base, action: smallAction() }, { send })).rejects.toThrow(TypeError)
    const unreachable = (): never => {
      throw new BundleError('unreachable', 'nobody there')
    }
    expect(await runAction({ ...base, action: smallAction() }, { send: unreachable })).toMatchObject({
      path: 'failure',
      outputs: { status: '504', userMessage: 'nobody there' },
    })
  })
})
