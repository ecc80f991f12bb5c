import fc from 'fast-check'
import { parseDataAction } from '../../../bundle/definition/parse-data-action.ts'

const EXPORT = {
  name: 'Get Order',
  integrationType: 'custom-rest-actions',
  actionType: 'custom',
  config: {
    request: {
      requestUrlTemplate: 'https://shop.example.com/orders/$esc.url(${input.orderId})',
      requestType: 'GET',
      headers: { Accept: 'application/json' },
      requestTemplate: '${input.rawRequest}',
    },
    response: {
      translationMap: { state: '$.state' },
      translationMapDefaults: { state: '"none"' },
      successTemplate: '{"state": ${state}}',
    },
  },
  contract: {
    input: { inputSchema: { type: 'object', properties: { orderId: { type: 'string' } } } },
    output: { successSchema: { type: 'object', properties: { state: { type: 'string' } } } },
  },
  secure: false,
}

/** The export, with a member written or, for undefined, left out. */
function exportWith(path: string, value: unknown): Record<string, unknown> {
  const copy = structuredClone(EXPORT) as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop() ?? ''
  const parent = names.reduce((at, name) => at[name] as Record<string, unknown>, copy)
  if (value === undefined) Reflect.deleteProperty(parent, last)
  else parent[last] = value
  return copy
}

describe('a data action', () => {
  test('is read whole from an export, and nothing is filled in', () => {
    expect(parseDataAction(EXPORT)).toEqual({ ok: true, action: EXPORT, form: 'export', filledIn: [] })
  })

  test.each([
    ['config.response.translationMapDefaults', {}],
    ['config.request.headers', {}],
    ['config.request.requestTemplate', '${input.rawRequest}'],
    ['config.response.successTemplate', '${rawResult}'],
    ['secure', false],
    ['actionType', 'custom'],
    ['integrationType', ''],
  ])('may lack %s, which is filled in and told', (path, value) => {
    for (const without of [exportWith(path, undefined), exportWith(path, null)]) {
      expect(parseDataAction(without)).toEqual({
        ok: true,
        action: exportWith(path, value),
        form: 'export',
        filledIn: [path],
      })
    }
  })

  test('may lack its whole response', () => {
    expect(parseDataAction(exportWith('config.response', undefined))).toMatchObject({
      ok: true,
      action: {
        config: {
          response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
        },
      },
      filledIn: [
        'config.response.translationMap',
        'config.response.translationMapDefaults',
        'config.response.successTemplate',
      ],
    })
  })

  test('of a function needs no URL, and any other does', () => {
    const request = { requestType: 'POST', headers: {}, requestTemplate: '{}' }
    const withoutUrl = exportWith('config.request', request)
    expect(parseDataAction({ ...withoutUrl, integrationType: 'function-data-actions' })).toMatchObject({
      ok: true,
      action: { config: { request } },
    })
    expect(parseDataAction(withoutUrl)).toEqual({
      ok: false,
      problems: [{ path: 'config.request.requestUrlTemplate', message: 'a text is missing' }],
    })
  })

  test('is read from the body of an API request, with what stands in no export', () => {
    const { integrationType, actionType, ...body } = EXPORT
    const config = { ...body.config, timeoutSeconds: 30 }
    expect([integrationType, actionType]).toEqual(['custom-rest-actions', 'custom'])
    expect(
      parseDataAction({ ...body, config, category: 'Shop', integrationId: 'x', version: 3 }),
    ).toMatchObject({
      ok: true,
      form: 'api',
      timeoutSeconds: 30,
      action: { integrationType: '', actionType: 'custom', name: 'Get Order' },
    })
  })

  test.each(['static', 'customAuth'])('may be %s', (actionType) => {
    expect(parseDataAction(exportWith('actionType', actionType))).toMatchObject({
      ok: true,
      action: { actionType },
    })
  })

  test.each<readonly [string, unknown, string, string]>([
    ['name', 7, 'name', 'a text is expected, not a number'],
    ['name', undefined, 'name', 'a text is missing'],
    ['actionType', 'other', 'actionType', 'one of custom, customAuth, static is expected'],
    ['config', [], 'config', 'an object is expected, not a list'],
    ['config.request', 'x', 'config.request', 'an object is expected, not a text'],
    [
      'config.request.requestType',
      'get',
      'config.request.requestType',
      'one of GET, PUT, POST, PATCH, DELETE is expected',
    ],
    ['config.request.requestType', undefined, 'config.request.requestType', 'a text is missing'],
    ['config.request.headers', [], 'config.request.headers', 'an object is expected, not a list'],
    [
      'config.request.headers.X-Retries',
      3,
      'config.request.headers.X-Retries',
      'a text is expected, not a number: write it in quotes',
    ],
    [
      'config.response.translationMapDefaults.count',
      0,
      'config.response.translationMapDefaults.count',
      'a text is expected, not a number: write it in quotes',
    ],
    ['contract.input.inputSchema', undefined, 'contract.input.inputSchema', 'an object is missing'],
    ['contract.output', null, 'contract.output.successSchema', 'an object is missing'],
    ['secure', 'no', 'secure', 'true or false is expected, not a text'],
  ])('with %s as %j is refused at %s: %s', (path, value, at, message) => {
    expect(parseDataAction(exportWith(path, value))).toEqual({
      ok: false,
      problems: [{ path: at, message }],
    })
  })

  test('tells all that is wrong with it, once each', () => {
    const parsed = parseDataAction({ config: { request: 1, response: 2 }, contract: { input: {} } })
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual([
      'name',
      'config.request',
      'config.response',
      'contract.input.inputSchema',
      'contract.output.successSchema',
    ])
  })

  test('is nothing else: what has neither config nor contract is named as such', () => {
    for (const value of [undefined, null, 7, 'x', [EXPORT], {}, { name: 'package', version: '1.0.0' }]) {
      expect(parseDataAction(value)).toEqual({
        ok: false,
        problems: [
          { path: '', message: expect.stringMatching(/^(no object|an object without .*) is no data/) },
        ],
      })
    }
  })

  test('with a member of the name of a prototype is a data action with such a member', () => {
    const text = JSON.stringify(EXPORT).replace('"Accept"', '"__proto__"')
    const parsed = parseDataAction(JSON.parse(text))
    expect(parsed.ok && Object.entries(parsed.action.config.request.headers)).toEqual([
      ['__proto__', 'application/json'],
    ])
  })

  test('or not, no JSON value makes the parser throw', () => {
    const paths = ['name', 'actionType', 'config', 'config.request', 'config.request.headers', 'contract']
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...paths), (value, path) => {
        const parsed = [parseDataAction(value), parseDataAction(exportWith(path, value))]
        for (const each of parsed) if (!each.ok) expect(each.problems.length).toBeGreaterThan(0)
      }),
    )
  })
})
