import fc from 'fast-check'
import { BundleError } from '../../../bundle/bundle-error.ts'
import { compileContract, validateValue } from '../../../bundle/contract/validate-value.ts'
import type { JsonMembers, JsonValue } from '../../../bundle/definition/data-action.ts'

const SCHEMA: JsonMembers = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  id: 'http://example.com/call',
  type: 'object',
  required: ['id', 'conversation'],
  properties: {
    id: { type: 'string', minLength: 2, maxLength: 5, pattern: '^[a-z]' },
    state: { type: 'string', enum: ['on', 'off'], format: 'no-such-format', 'x-own': {} },
    count: { type: 'integer', minimum: 1, maximum: 9, exclusiveMaximum: true },
    share: { type: ['number', 'null'], multipleOf: 0.5 },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 2, uniqueItems: true },
    either: { anyOf: [{ type: 'string' }, { type: 'boolean' }] },
    conversation: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' } },
      additionalProperties: false,
    },
  },
  additionalProperties: true,
}

const GOOD = { id: 'abc', conversation: { id: 'c-1' } }
const messages = (value: JsonValue, schema = SCHEMA): readonly string[] =>
  validateValue(schema, value, 'successSchema').map(({ message }) => message)

describe('a value and its contract', () => {
  test('a value that fits has no problem, whatever else it holds', () => {
    const value = { ...GOOD, state: 'on', count: 8, share: 1.5, tags: ['a', 'b'], either: true, more: [{}] }
    expect(messages(value)).toEqual([])
    expect(messages({ ...GOOD, share: null })).toEqual([])
  })

  test.each<[string, JsonMembers, string]>([
    ['a number for a text', { id: 5 }, 'id is a number, not a text'],
    ['a text for a number', { count: '5' }, 'count is a text, not an integer'],
    ['a fraction for an integer', { count: 1.5 }, 'count is a number, not an integer'],
    ['null for a text', { id: null }, 'id is null, not a text'],
    ['a text for a number or null', { share: 'x' }, 'share is a text, not a number or null'],
    ['an object for a list', { tags: {} }, 'tags is an object, not a list'],
    ['a wrong item', { tags: ['a', 1] }, 'tags.1 is a number, not a text'],
    ['too many items', { tags: ['a', 'b', 'c'] }, 'tags has more than 2 items'],
    ['equal items', { tags: ['a', 'a'] }, 'tags has the same item twice, at 0 and 1'],
    ['too short', { id: 'a' }, 'id is shorter than 2 characters'],
    ['too long', { id: 'abcdef' }, 'id is longer than 5 characters'],
    ['another pattern', { id: 'ABC' }, 'id does not match the pattern "^[a-z]"'],
    ['none of the choices', { state: 'maybe' }, 'state is none of "on", "off"'],
    ['too small', { count: 0 }, 'count is less than 1'],
    ['not small enough', { count: 9 }, 'count is not less than 9'],
    ['no multiple', { share: 0.7 }, 'share is no multiple of 0.5'],
    ['no alternative', { either: 5 }, 'either does not fit any of the alternatives of the contract'],
    ['a member missing', { conversation: {} }, 'conversation.id is missing'],
    [
      'a member too many',
      { conversation: { id: 'c', a: 1 } },
      'conversation.a is not in the contract, which allows no other names',
    ],
  ])('%s', (_, changed, message) => {
    expect(messages({ ...GOOD, ...changed })).toEqual([message])
  })

  test('all problems are told at once, each with its path', () => {
    expect(validateValue(SCHEMA, { count: 'x', conversation: { 'a/b~': 1 } }, 'successSchema')).toEqual([
      { path: ['id'], message: 'id is missing' },
      { path: ['count'], message: 'count is a text, not an integer' },
      { path: ['conversation', 'id'], message: 'conversation.id is missing' },
      {
        path: ['conversation', 'a/b~'],
        message: 'conversation.a/b~ is not in the contract, which allows no other names',
      },
    ])
    expect(messages('x')).toEqual(['the value is a text, not an object'])
  })

  test('one check serves many values', () => {
    const check = compileContract(SCHEMA, 'successSchema')
    expect(check(GOOD)).toEqual([])
    expect(check({})).toHaveLength(2)
    expect(check(GOOD)).toEqual([])
  })
})

describe('a contract of a stranger', () => {
  test.each<[string, JsonMembers]>([
    ['a type that is none', { type: 'text' }],
    ['properties in a list', { type: 'object', properties: [] }],
    ['required as a boolean', { type: 'object', properties: { a: { type: 'string', required: true } } }],
    ['a reference', { type: 'object', properties: { a: { $ref: '#' } } }],
    ['a reference to elsewhere', { $ref: 'http://127.0.0.1/schema' }],
  ])('with %s is refused', (_, schema) => {
    expect(() => compileContract(schema, 'inputSchema')).toThrow(BundleError)
    expect(() => compileContract(schema, 'inputSchema')).toThrow(
      expect.objectContaining({ code: 'contract-invalid', message: expect.stringMatching(/^inputSchema/) }),
    )
  })

  test('of a hundred thousand levels is refused, and a value of as many is a problem', () => {
    let schema: JsonMembers = {}
    let value: JsonValue = 1
    for (let i = 0; i < 100_000; i++) {
      schema = { properties: { a: schema } }
      value = { a: value }
    }
    expect(() => compileContract(schema, 'inputSchema')).toThrow(/more than 100 levels deep/)
    expect(messages(value, { enum: [1] })).toEqual(['the value is nested more than 500 deep'])
  })

  test('an empty list of required names, other dialects and words of validators are not looked at', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $async: true,
      type: 'object',
      required: [],
      nullable: true,
      properties: { a: { type: 'string', nullable: true, const: 'x', default: {}, format: 'date' } },
      if: 5,
      discriminator: { propertyName: 'a' },
    }
    expect(messages({ a: 'y' }, schema)).toEqual([])
    expect(messages({ a: null }, schema)).toEqual(['a is null, not a text'])
  })

  test.each<[string, string, RegExp]>([
    ['does not compile', '(', /^a cannot be checked: the pattern "\(" does not compile here$/],
    ['does not end', '^(a+)+$', /^a cannot be checked: the pattern .* takes too long on this value$/],
  ])('with a pattern that %s is told as a problem of the value', (_, pattern, message) => {
    const schema = { properties: { a: { pattern }, b: { pattern: '^b$' } } }
    const told = messages({ a: `${'a'.repeat(50)}!`, b: 'c' }, schema)
    expect(told).toEqual([expect.stringMatching(message), 'b does not match the pattern "^b$"'])
  })

  test('a pattern of names that does not compile is told too', () => {
    expect(messages({ a: 1 }, { patternProperties: { '(': { type: 'string' } } })).toEqual([
      'the pattern "(" does not compile here',
    ])
  })

  test('names that every object inherits are names like others', () => {
    const names = ['constructor', 'toString', '__proto__']
    const schema = JSON.parse('{"required":["constructor","toString","__proto__"]}') as JsonMembers
    expect(messages({}, schema)).toEqual(names.map((name) => `${name} is missing`))
    const closed = { properties: { a: {} }, additionalProperties: false }
    expect(messages(JSON.parse('{"__proto__":1,"a":2}') as JsonValue, closed)).toHaveLength(1)
  })

  test('any JSON as a schema and any JSON as a value end in problems or in a refusal', () => {
    const keyword = fc.constantFrom(
      ...'type properties required items enum pattern minimum anyOf not __proto__ constructor $ref id'.split(
        ' ',
      ),
    )
    const schema = fc.dictionary(keyword, fc.oneof(fc.jsonValue(), fc.dictionary(keyword, fc.jsonValue())))
    fc.assert(
      fc.property(schema, fc.jsonValue(), (anySchema, value) => {
        try {
          for (const { message } of validateValue(anySchema as JsonMembers, value as JsonValue, 'x'))
            expect(message).not.toBe('')
        } catch (error) {
          expect(error).toMatchObject({ name: 'BundleError', code: 'contract-invalid' })
        }
      }),
    )
  })
})
