import fc from 'fast-check'
import type { JsonMembers, JsonValue } from '../../../bundle/definition/data-action.ts'
import { bindOutputs, flattenOutput, flattenSchema } from '../../../bundle/mapping/flatten.ts'

const flat = (value: JsonValue): unknown =>
  Object.fromEntries(flattenOutput(value).map(({ name, value: each }) => [name, each]))

describe('a result as Architect sees it', () => {
  test.each<[string, JsonValue, unknown]>([
    ['scalars', { a: 1, b: 'x', c: null }, { a: 1, b: 'x', c: null }],
    ['objects', { a: { b: { c: 1 }, d: 2 } }, { 'a.b.c': 1, 'a.d': 2 }],
    ['an object without members', { a: {}, b: 1 }, { b: 1 }],
    ['a list of scalars', { a: [1, null, 2] }, { a: [1, null, 2] }],
    ['an empty list', { a: [] }, { a: [] }],
    [
      'a list of objects',
      {
        total: 2,
        entities: [
          { id: 'a', user: { name: 'x' } },
          { id: 'b', user: { name: 'y' } },
        ],
      },
      { total: 2, 'entities.id': ['a', 'b'], 'entities.user.name': ['x', 'y'] },
    ],
    [
      'a list of objects that differ',
      { e: [{ a: 1 }, null, { b: 2 }, 'x'] },
      { 'e.a': [1, null, null, null], 'e.b': [null, null, 2, null], e: [null, null, null, 'x'] },
    ],
    [
      'a list in a list of objects',
      { e: [{ tags: ['a', 'b'] }, { tags: [] }] },
      { 'e.tags': [['a', 'b'], []] },
    ],
    ['a list of objects on top', [{ id: 'a' }, { id: 'b' }], { id: ['a', 'b'] }],
    ['a list of scalars on top', ['a', 'b'], { '': ['a', 'b'] }],
    [
      'an inherited name',
      JSON.parse('{"__proto__":{"a":1},"constructor":2}') as JsonValue,
      { '__proto__.a': 1, constructor: 2 },
    ],
  ])('%s', (_, value, expected) => {
    expect(flat(value)).toEqual(expected)
  })

  test('no scalar is lost', () => {
    const scalarsOf = (value: unknown): readonly string[] => {
      if (Array.isArray(value)) return value.flatMap(scalarsOf)
      if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(scalarsOf)
      return value === null ? [] : [JSON.stringify(value)]
    }
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), tie('tree')),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const found = flattenOutput(value as JsonValue).flatMap((each) => scalarsOf(each.value))
        expect([...found].sort()).toEqual([...scalarsOf(value)].sort())
      }),
    )
  })

  test('a result of a hundred thousand levels is refused', () => {
    let deep: JsonValue = 1
    for (let i = 0; i < 100_000; i++) deep = { a: deep }
    const result = deep
    expect(() => flattenOutput(result)).toThrow(expect.objectContaining({ code: 'mapping-failed' }))
  })
})

const SCHEMA: JsonMembers = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    conversation: { type: 'object', properties: { id: { type: 'string' }, count: { type: 'integer' } } },
    tags: { type: 'array', items: { type: 'string' } },
    entities: {
      type: 'array',
      items: { type: 'object', properties: { id: { type: 'string' }, open: { type: 'boolean' } } },
    },
    untyped: {},
    list: { type: 'array' },
    bag: { type: 'object' },
  },
}

describe('the outputs that a contract promises', () => {
  test('come with their types, in the order of the schema', () => {
    expect(
      flattenSchema(SCHEMA).map(
        ({ name, type, isCollection }) => `${name}: ${type}${isCollection ? '[]' : ''}`,
      ),
    ).toEqual([
      'id: string',
      'conversation.id: string',
      'conversation.count: integer',
      'tags: string[]',
      'entities.id: string[]',
      'entities.open: boolean[]',
      'untyped: any',
      'list: any[]',
      'bag: object',
    ])
  })

  test('of a list on top are collections, and an object without properties promises nothing', () => {
    expect(flattenSchema({ type: 'array', items: { properties: { id: { type: 'string' } } } })).toEqual([
      { name: 'id', type: 'string', isCollection: true },
    ])
    expect(flattenSchema({ type: 'array', items: { type: 'string' } })).toEqual([
      { name: '', type: 'string', isCollection: true },
    ])
    expect(flattenSchema({ type: 'object' })).toEqual([])
  })

  test('are bound to what the result has; what it has beside them is named', () => {
    const { outputs, undeclared } = bindOutputs(
      { id: 'a', entities: [{ id: 'x', extra: 1 }], other: { a: 1 } },
      SCHEMA,
    )
    expect(
      outputs.filter(({ value }) => value !== undefined).map(({ name, value }) => [name, value]),
    ).toEqual([
      ['id', 'a'],
      ['entities.id', ['x']],
    ])
    expect(outputs).toHaveLength(9)
    expect(undeclared).toEqual(['entities.extra', 'other.a'])
  })

  test('of a schema of a hundred thousand levels come to an end', () => {
    let schema: JsonMembers = { type: 'string' }
    for (let i = 0; i < 100_000; i++) schema = { type: 'object', properties: { a: schema } }
    expect(flattenSchema(schema)).toHaveLength(1)
  })
})
