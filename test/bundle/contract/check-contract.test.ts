import fc from 'fast-check'
import {
  checkContract,
  checkInputSchema,
  checkOutputSchema,
} from '../../../bundle/contract/check-contract.ts'
import type { JsonMembers } from '../../../bundle/definition/data-action.ts'

const input = (properties: JsonMembers): JsonMembers => ({ type: 'object', properties })
const told = (problems: ReturnType<typeof checkInputSchema>): readonly string[] =>
  problems.map(({ rule, path }) => `${rule} ${path.slice(3).join('.')}`)

describe('the rules for contracts', () => {
  test('a flat contract with every scalar type has no problem', () => {
    const contract = {
      input: {
        inputSchema: {
          $schema: 'http://json-schema.org/draft-04/schema#',
          type: 'object',
          required: ['a'],
          properties: {
            a: { type: 'string', enum: ['$ref'] },
            'b-1_c': { type: 'integer', default: 5 },
            c: { type: 'number' },
            d: { type: 'boolean' },
            e: { type: 'null' },
          },
          additionalProperties: true,
        },
      },
      output: {
        successSchema: {
          type: 'object',
          properties: {
            $ref: { type: 'string' },
            properties: { type: 'array', items: { type: 'string' } },
            entities: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
          },
        },
      },
    }
    expect(checkContract(contract)).toEqual([])
  })

  test.each<[string, JsonMembers, readonly string[]]>([
    ['no type', { properties: {} }, ['input-object type']],
    ['an array of inputs', { type: 'array', items: { type: 'string' } }, ['input-object type']],
    ['inputs in a list', { type: 'object', properties: [] }, ['input-object properties']],
    [
      'an object as input',
      input({ a: { type: 'object', properties: {} } }),
      ['input-scalar properties.a.type'],
    ],
    ['an array as input', input({ a: { type: 'array' } }), ['input-scalar properties.a.type']],
    ['two types', input({ a: { type: ['string', 'null'] } }), ['input-scalar properties.a.type']],
    ['an unknown type', input({ a: { type: 'text' } }), ['input-scalar properties.a.type']],
    ['an untyped input', input({ a: {} }), ['input-scalar properties.a.type']],
    ['an input that is a text', input({ a: 'string' }), ['input-scalar properties.a']],
    ['items in a scalar', input({ a: { type: 'string', items: {} } }), ['input-scalar properties.a.items']],
    ['a digit in front', input({ '1a': { type: 'string' } }), ['input-name properties.1a']],
    ['a point in a name', input({ 'a.b': { type: 'string' } }), ['input-name properties.a.b']],
    ['no name', input({ '': { type: 'string' } }), ['input-name properties.']],
    ['a name with a line end', input({ 'a\n': { type: 'string' } }), ['input-name properties.a\n']],
    ['a reserved name', input({ rawRequest: { type: 'string' } }), ['input-reserved properties.rawRequest']],
    [
      'a reference',
      input({ a: { $ref: '#/definitions/a' } }),
      ['input-scalar properties.a.type', 'no-ref properties.a.$ref'],
    ],
  ])('an input schema with %s', (_, schema, expected) => {
    expect(told(checkInputSchema(schema))).toEqual(expected)
  })

  test.each<[string, JsonMembers, readonly string[]]>([
    ['no type', { properties: {} }, ['output-top-level type']],
    ['a scalar on top', { type: 'string' }, ['output-top-level type']],
    ['an array on top', { type: 'array', items: { type: 'object' } }, []],
    [
      'an array in an array',
      { type: 'object', properties: { a: { type: 'array', items: { type: 'array' } } } },
      ['output-nested-array properties.a.items.type'],
    ],
    [
      'an array in an object in an array',
      { type: 'array', items: { properties: { b: { type: 'array' } } } },
      ['output-nested-array items.properties.b.type'],
    ],
    [
      'an array in a tuple',
      { type: 'array', items: [{ type: 'string' }, { type: ['array', 'null'] }] },
      ['output-nested-array items.1.type'],
    ],
    [
      'a reference among alternatives',
      { type: 'object', anyOf: [{}, { $ref: '#' }] },
      ['no-ref anyOf.1.$ref'],
    ],
    ['a reference as a default value', { type: 'object', default: { $ref: '#' } }, []],
  ])('an output schema with %s', (_, schema, expected) => {
    expect(told(checkOutputSchema(schema))).toEqual(expected)
  })

  test('50 levels are allowed and the 51st is told once, where it begins', () => {
    const nested = (levels: number): JsonMembers =>
      levels === 1
        ? { type: 'object', properties: { a: { type: 'string' } } }
        : { type: 'object', properties: { a: nested(levels - 1) } }
    expect(checkOutputSchema(nested(50))).toEqual([])
    const [problem, ...more] = checkOutputSchema(nested(51))
    expect(more).toEqual([])
    expect(problem?.rule).toBe('depth')
    expect(problem?.path).toHaveLength(3 + 50 * 2)
  })

  test('a schema of a hundred thousand levels is refused, not fallen over', () => {
    let schema: JsonMembers = { type: 'object' }
    for (let i = 0; i < 100_000; i++) schema = { type: 'object', not: schema }
    expect(told(checkOutputSchema(schema))).toHaveLength(1)
  })

  test('whatever the schemas are, problems come with a path, a message and a fix', () => {
    const anything = fc.dictionary(
      fc.constantFrom('type', 'properties', 'items', '$ref', 'allOf', 'not', '__proto__', 'definitions'),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        const contract = { input: { inputSchema: a }, output: { successSchema: b } }
        for (const { path, message, fix } of checkContract(contract as Parameters<typeof checkContract>[0])) {
          expect(path.slice(0, 1)).toEqual(['contract'])
          expect(message).not.toBe('')
          expect(fix).not.toBe('')
        }
      }),
    )
  })
})
