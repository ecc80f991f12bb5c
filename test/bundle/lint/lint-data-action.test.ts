import fc from 'fast-check'
import { lintDataAction } from '../../../bundle/lint/lint-data-action.ts'
import { actionWith } from './order-action.ts'

type Members = Readonly<Record<string, unknown>>

const JSON_BODY = { requestType: 'PUT', headers: { 'Content-Type': 'application/json' } }

/** The findings as `severity rule`, and what they say. */
function told(example: Members): readonly string[] {
  return lintDataAction(actionWith(example)).map(({ severity, ruleId }) => `${severity} ${ruleId}`)
}

const request = (members: Members, inputs?: Members, required: readonly string[] = ['orderId']): Members => ({
  config: { request: members },
  ...(inputs && {
    contract: {
      input: {
        inputSchema: { type: 'object', required, properties: { orderId: { type: 'string' }, ...inputs } },
      },
    },
  }),
})
const body = (requestTemplate: string, inputs: Members = {}, required?: readonly string[]): Members =>
  request({ ...JSON_BODY, requestTemplate }, inputs, required)
const response = (members: Members): Members => ({ config: { response: members } })
const text = { type: 'string' }

describe('optional-input-unguarded', () => {
  const optional = 'warning optional-input-unguarded'

  test.each([
    ['formal', '{"a": "$esc.jsonEncode(${input.x})"}', text],
    ['a quiet argument of a text', '{"a": "$!esc.jsonEncode("${input.x}")"}', text],
    ['plain', '{"a": "$input.x"}', { type: 'integer' }],
    ['a number that leaves a gap', '{"a": $!{input.x}}', { type: 'number' }],
    ['guarded by another', '#if($input.orderId){"a": ${input.x}}#end', { type: 'number' }],
  ])('is told of one that is %s', (_, template, schema) => {
    expect(told(body(template, { x: schema }))).toEqual([optional])
  })

  test.each([
    ['quiet in quotes', '{"a": "$!{input.x}"}', { type: 'integer' }],
    ['a quiet text as an argument', '{"a": "$esc.jsonEncode("$!{input.x}")"}', text],
    ['an argument of what is quiet', '{"a": "$!esc.jsonEncode(${input.x})"}', text],
    ['guarded', '{#if("$!{input.x}" != "")"a": ${input.x},#end"b": 1}', { type: 'number' }],
    ['in the branch where it is there', '#if(!$input.x){}#else{"a": ${input.x}}#end', { type: 'number' }],
    ['with a default of the contract', '{"a": ${input.x}}', { type: 'number', default: 1 }],
    ['with an alternate', '{"a": ${input.x|1}}', { type: 'number' }],
  ])('is not told of one that is %s', (_, template, schema) => {
    expect(told(body(template, { x: schema }))).toEqual([])
  })

  test('is told once of an input in a template, with how often', () => {
    const [finding, ...more] = lintDataAction(
      actionWith(body('{"a": ${input.x}, "b": ${input.x}, "c": ${input.x}}', { x: { type: 'number' } })),
    )
    expect(more).toEqual([])
    expect(finding).toMatchObject({ at: 6, message: expect.stringContaining('(and 2 more of it here)') })
  })

  test('does not ask for something to be left out of a path', () => {
    const url = (rest: string): Members =>
      request({ requestUrlTemplate: `https://x.test/${rest}` }, { x: { type: 'integer' } })
    const fixes = [
      '$esc.uriEncode(${input.orderId})/${input.x}',
      '$esc.uriEncode(${input.orderId})?x=${input.x}',
    ].map((rest) => lintDataAction(actionWith(url(rest))).map(({ fix }) => fix))
    expect(fixes).toEqual([
      ['list it in required'],
      ['list it in required, or use $urlTool.optionalQueryParam'],
    ])
  })
})

describe('unescaped inputs', () => {
  const url = (rest: string, schema: Members = text): readonly string[] =>
    told(
      request(
        { requestUrlTemplate: `https://x.test/$esc.uriEncode(\${input.orderId})${rest}` },
        { phone: schema },
        ['orderId', 'phone'],
      ),
    )

  test('are told of in a path, a query and a form, through what escapes nothing', () => {
    const expected = ['warning unescaped-url-input']
    expect(url('/${input.phone}')).toEqual(expected)
    expect(url('?p=${input.phone.trim()}')).toEqual(expected)
    expect(url('?p=$esc.jsonEncode(${input.phone})')).toEqual(expected)
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect(
      told(
        request({ ...JSON_BODY, headers: form, requestTemplate: 'p=${input.phone}' }, { phone: text }, [
          'orderId',
          'phone',
        ]),
      ),
    ).toEqual(expected)
  })

  test.each([
    ['?p=$esc.url(${input.phone})', text],
    ['?$urlTool.optionalQueryParam("p", ${input.phone})', text],
    ["/${input.phone.replace(' ', '%20')}", text],
    ['/$salesforce.escReserved(${input.phone})', text],
    ['/${input.phone}', { type: 'integer' }],
    ['/${input.phone}', { type: 'string', enum: ['a', 'b'] }],
    ['/${input.phone}', { type: 'string', format: 'uuid' }],
  ])('are not told of in %s of %j', (rest, schema) => {
    expect(url(rest, schema)).toEqual([])
  })

  test('are a note where the name says that it is an id, and none where the host is chosen', () => {
    const at = (requestUrlTemplate: string): readonly string[] => told(request({ requestUrlTemplate }))
    expect(at('https://x.test/${input.orderId}')).toEqual(['note unescaped-url-input'])
    expect(at('https://${input.orderId}.x.test/')).toEqual([])
    expect(at('${input.orderId}')).toEqual([])
    expect(told(body('{"id": "${input.orderId}"}', {}))).toEqual(['note unescaped-json-input'])
    expect(told(body('{"paid": "${input.paid}"}', { paid: text }, ['orderId', 'paid']))).toEqual([
      'warning unescaped-json-input',
    ])
  })

  test('of a JSON body are told of within quotes only, and not of another body', () => {
    expect(told(body('{"a": ${input.json}}', { json: text }, ['json', 'orderId']))).toEqual([])
    const xml = {
      ...JSON_BODY,
      headers: { 'Content-Type': 'text/xml' },
      requestTemplate: '<a b="${input.x}"/>',
    }
    expect(told(request(xml, { x: text }, ['x', 'orderId']))).toEqual([])
  })
})

describe('undefined-variable', () => {
  test.each([
    [body('{"a": "$Input.orderId"}'), ['error undefined-variable']],
    [body('{"a": "${orderId}"}'), ['error undefined-variable']],
    [body('{"a": ${state}}'), ['error undefined-variable']],
    [body('{"a": "$!{input.none}"}'), ['warning undefined-variable']],
    [
      body('{#if($input.none)"a": ${input.none}#end}'),
      ['warning undefined-variable', 'warning undefined-variable'],
    ],
    [response({ successTemplate: '{"state": ${State}, "s": ${state}}' }), ['error undefined-variable']],
    [response({ successTemplate: '{"state": ${state}, "price": "5 $USD"}' }), ['note undefined-variable']],
  ])('is told of %j', (example, expected) => {
    expect(told(example)).toEqual(expected)
  })

  test.each([
    request({ requestUrlTemplate: 'https://x.test/$esc.uriEncode(${input.orderId})?$filter=a&$top=1' }),
    body('{"query": "query($id: ID!) { order(id: $id) { state } }"}'),
    body('{"a": "$newtool.of(1)", "org": "${input.orgId}", "t": "${authResponse.access_token}"}'),
    response({ successTemplate: '#set($x = ${state}){"state": $x, "raw": ${rawResult}}' }),
    response({ successTemplate: '{"state": [#foreach($s in $state)$s#if($foreach.hasNext),#end#end]}' }),
  ])('is not told of %j', (example) => {
    expect(told(example)).toEqual([])
  })

  test('says what was meant', () => {
    const [finding] = lintDataAction(actionWith(body('{"a": "${input.orderID}"}')))
    expect(finding).toMatchObject({
      at: 7,
      path: 'config.request.requestTemplate',
      fix: 'write orderId: names differ by their case',
    })
  })
})

describe('templates that are no JSON', () => {
  test.each<readonly [string, number, string]>([
    ['{"a": 1,}', 8, 'error'],
    ['{"a": 1 "b": 2}', 8, 'error'],
    ['{"a": "x}', 6, 'error'],
    ['{"a": $${input.n}}', 6, 'error'],
    ['{"a": ${input.n} "b": 1}', 17, 'error'],
    ['[1, 2', 5, 'error'],
    ['{"a": 1}}', 8, 'warning'],
    ['{"a": "${input.n}"}"', 19, 'warning'],
  ])('%s is told of at %d', (template, at, severity) => {
    const example = body(template, { n: { type: 'number' } }, ['orderId', 'n'])
    const findings = lintDataAction(actionWith(example)).filter(({ ruleId }) => ruleId === 'body-not-json')
    expect(findings).toEqual([expect.objectContaining({ at, severity })])
  })

  test.each([
    '{"a": ${input.n}, "${input.n}": [${input.n}, ${input.n}]}',
    '{"data": {${input.members}}, "list": [${input.members}]}',
    '{"a": 1${input.members}}',
    '${input.members}',
    '{"a": ${input.n}.5}',
    '{"a": 1#if($input.n == 1), "b": 2#end}',
    '{"a": "\\u00e9 #fff $5"} ',
  ])('%s may be JSON', (template) => {
    const inputs = { n: { type: 'number' }, members: text }
    expect(
      told(body(template, inputs, ['orderId', 'n', 'members'])).filter((line) => /json/.test(line)),
    ).toEqual([])
  })
})

describe('the result', () => {
  test('that lacks what the contract requires fails every call', () => {
    const successSchema = {
      type: 'object',
      required: ['total'],
      properties: { 'state.now': text, total: text },
    }
    expect(told({ contract: { output: { successSchema } } })).toEqual(['error output-not-produced'])
    expect(
      told({ contract: { output: { successSchema } }, ...response({ successTemplate: '${rawResult}' }) }),
    ).toEqual(['warning unused-translation'])
  })

  test('with quotes around a text is an error where the default shows that it is one', () => {
    const successTemplate = '{"state": "${state}"}'
    expect(told(response({ successTemplate }))).toEqual(['error quoted-translation-variable'])
    expect(told(response({ successTemplate, translationMapDefaults: { state: '0' } }))).toEqual([
      'warning quoted-translation-variable',
    ])
    const tool = '{"state": ${successTemplateUtils.firstFromArray("${state}")}}'
    expect(told(response({ successTemplate: tool, translationMapDefaults: { state: '' } }))).toEqual([])
  })
})

describe('literal-secret', () => {
  const SECRET = 'q7f3c0e2a91d84b57f3c0e2a91d84b57'

  test.each<readonly [string, Members, string]>([
    ['a bearer token', { headers: { Authorization: `Bearer ${SECRET}` } }, 'warning'],
    ['an api key', { headers: { 'X-Api-Key': SECRET } }, 'warning'],
    ['a subscription key', { headers: { 'Ocp-Apim-Subscription-Key': SECRET } }, 'warning'],
    ['encoded literals', { headers: { Authorization: `Basic $encoding.base64("me:${SECRET}")` } }, 'warning'],
    [
      'a token by its looks',
      { headers: { 'X-Anything': `eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.${SECRET}` } },
      'warning',
    ],
    [
      'a query',
      { requestUrlTemplate: `https://x.test/$esc.uriEncode(\${input.orderId})?api_key=${SECRET}` },
      'warning',
    ],
    [
      'a URL',
      { requestUrlTemplate: `https://me:${SECRET}@x.test/$esc.uriEncode(\${input.orderId})` },
      'warning',
    ],
    ['a body', { ...JSON_BODY, requestTemplate: `{"client_secret": "${SECRET}"}` }, 'warning'],
    ['a placeholder', { headers: { Authorization: 'Bearer <YOUR TOKEN>' } }, 'note'],
  ])('is told of %s, without its value', (_, members, severity) => {
    const findings = lintDataAction(actionWith(request(members)))
    expect(findings).toEqual([expect.objectContaining({ ruleId: 'literal-secret', severity })])
    expect(JSON.stringify(findings)).not.toContain(SECRET)
  })

  test.each<Members>([
    { headers: { Authorization: 'Bearer ${credentials.token}' } },
    { headers: { Authorization: '${authResponse.token_type} ${authResponse.access_token}' } },
    { headers: { Authorization: 'Basic $encoding.base64("${credentials.id}:${credentials.secret}")' } },
    { headers: { 'Content-Type': 'application/json', Accept: 'application/json; q=0.9' } },
    { ...JSON_BODY, requestTemplate: '{"password": "${credentials.password}", "token_type": "bearer"}' },
  ])('is not told of %j', (members) => {
    expect(told(request(members))).toEqual([])
  })
})

describe('the lint', () => {
  test('of a function data action, or of an API body, asks nothing that they cannot have', () => {
    expect(
      told({
        integrationType: 'function-data-actions',
        config: {
          request: {
            requestUrlTemplate: null,
            requestType: 'POST',
            headers: {},
            requestTemplate: '${input.rawRequest}',
          },
        },
      }),
    ).toEqual([])
    expect(told({ integrationType: null, actionType: null, integrationId: 'x', category: 'Shop' })).toEqual(
      [],
    )
  })

  test('never throws, whatever stands in a file', () => {
    const template = fc
      .array(
        fc.constantFrom(
          '$',
          '{',
          '}',
          '"',
          '(',
          ')',
          '#if',
          '#end',
          '#set',
          'input.x',
          'esc.url',
          '\\',
          '[',
          ',',
          ' ',
        ),
      )
      .map((parts) => parts.join(''))
    const paths = [
      (value: unknown) => value,
      (value: unknown) => actionWith({ contract: value }),
      (value: unknown) => actionWith({ config: { request: { headers: value } } }),
      (value: unknown) => actionWith({ config: { response: { translationMap: value } } }),
      (value: unknown) => actionWith({ contract: { input: { inputSchema: value } } }),
      (value: unknown) => actionWith({ contract: { output: { successSchema: { properties: value } } } }),
    ]
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...paths), (value, place) => {
        expect(Array.isArray(lintDataAction(place(value)))).toBe(true)
      }),
    )
    fc.assert(
      fc.property(template, template, (one, other) => {
        const members = { requestUrlTemplate: one, requestType: 'POST', requestTemplate: `{${other}` }
        const action = actionWith({ config: { request: members, response: { successTemplate: other } } })
        for (const { at = 0 } of lintDataAction(action)) expect(at).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 300 },
    )
  })
})

test.each([
  ['http://127.0.0.1:8080/orders', false],
  ['http://localhost/orders', false],
  ['http://[::1]:80', false],
  ['http://127.0.0.1.example.com/orders', true],
  ['http://localhost.example.com/', true],
  ['http://shop.example.com/orders', true],
])('%s is told to need TLS: %s', (requestUrlTemplate, isTold) => {
  expect(told(request({ requestUrlTemplate })).includes('warning insecure-url')).toBe(isTold)
})
