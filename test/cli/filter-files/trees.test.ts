import fc from 'fast-check'
import { stringify } from 'yaml'
import { jsonTree } from '../../../cli/filter-files/json-tree.ts'
import { placesOf } from '../../../cli/filter-files/place.ts'
import { follow, valueOf } from '../../../cli/filter-files/source-node.ts'
import type { SourceNode } from '../../../cli/filter-files/source-node.ts'
import { yamlTrees } from '../../../cli/filter-files/yaml-trees.ts'

/** Every scalar of a tree, as the text that begins at its place. */
function scalarsOf(node: SourceNode): readonly (readonly [number, unknown])[] {
  if (node.kind === 'scalar') return [[node.at, node.value]]
  const inner = node.kind === 'list' ? node.items : node.members.map((member) => member.node)
  return inner.flatMap(scalarsOf)
}

describe('a JSON text', () => {
  test('gives what JSON.parse gives, and nothing where it gives nothing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(3), (text, indent) => {
        const value: unknown = JSON.parse(text)
        const { trees, faults } = jsonTree(JSON.stringify(value, null, indent))
        expect(faults).toEqual([])
        expect(trees.map(valueOf)).toEqual([value])
      }),
    )
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom('', ',', ']', '"', '\t', 'x'),
        (text, n, put) => {
          const at = n % text.length
          const changed = text.slice(0, at) + put + text.slice(at + 1)
          let isJson = true
          try {
            JSON.parse(changed)
          } catch {
            isJson = false
          }
          const { trees, faults } = jsonTree(changed)
          expect(trees.length > 0 || faults.some(({ message }) => message.includes('twice'))).toBe(isJson)
        },
      ),
    )
  })

  test('has each value where it begins', () => {
    const text = '{"a": [1, "b"],\n  "c": {"d": -2.5e1}}'
    for (const [at, value] of jsonTree(text).trees.flatMap(scalarsOf))
      expect(text.slice(at)).toMatch(new RegExp(`^${value === -25 ? '-2\\.5e1' : JSON.stringify(value)}`))
  })

  test.each([
    ['', 0],
    ['{', 1],
    ['[1,]', 3],
    ['{"a": 1} x', 9],
    ["{'a': 1}", 1],
    ['{"a": 1 // no\n}', 8],
    ['[01]', 2],
    ['NaN', 0],
    ['\ufeff{}', 0],
    ['['.repeat(100_000), 32],
  ])('that is none is told at its place: %p', (text, at) => {
    expect(jsonTree(text)).toMatchObject({ trees: [], faults: [{ at }] })
  })
})

describe('a YAML text', () => {
  test('gives back what was written, whatever it was', () => {
    const value = fc
      .jsonValue({ maxDepth: 3 })
      .filter((each) => each !== null && !/__proto__|<</.test(JSON.stringify(each)))
    fc.assert(
      fc.property(value, (json) => {
        // JSON knows no -0.
        const written: unknown = JSON.parse(JSON.stringify(json))
        const text = stringify(written, { aliasDuplicateObjects: false })
        expect(yamlTrees(text).trees.map(valueOf)).toEqual([written])
      }),
    )
  })

  test('has each value where it begins', () => {
    const text = 'a:\r\n  - 1\r\n  - "b"\r\nc: {d: e}\r\n'
    const [tree] = yamlTrees(text).trees
    expect(tree && scalarsOf(tree).map(([at]) => text.slice(at, at + 1))).toEqual(['1', '"', 'e'])
  })

  test('has as many values as documents, and the empty ones are left out', () => {
    expect(yamlTrees('---\n---\na: 1\n...\n---\nb: 2\n---\n').trees.map(valueOf)).toEqual([
      { a: 1 },
      { b: 2 },
    ])
    expect(yamlTrees('# only this\n')).toEqual({ trees: [], faults: [] })
  })

  test.each([
    ['a: yes', { a: 'yes' }],
    ['a: off', { a: 'off' }],
    ['%YAML 1.1\n---\na: no', { a: 'no' }],
    ['a: 010', { a: 10 }],
    ['a: 1:30', { a: '1:30' }],
    ['a: 2026-01-31', { a: '2026-01-31' }],
    ['a: .inf', { a: Infinity }],
    ['a: ~', { a: null }],
    ['a:', { a: null }],
  ])('is YAML 1.2 and not 1.1: %p', (text, value) => {
    expect(yamlTrees(text).trees.map(valueOf)).toEqual([value])
  })

  test.each([
    ['an anchor', 'a: &x 1', 6],
    ['an alias', 'a: 1\nb: *a', 8],
    ['a merge key', '<<: {a: 1}', 0],
    ['a tag of a program', 'a: !!js/function "x"', 17],
    ['a tag of YAML itself', 'a: !!binary aGk=', 12],
    ['a tag on a key', '!x a: 1', 3],
    ['a number for a key', '1: a', 0],
    ['a list for a key', '? [a]\n: 1', 2],
    ['a key that stands twice', 'a: 1\n"a": 2', 5],
    ['a tab in the indentation', 'a:\n\tb: 1', 3],
    ['a bracket that stays open', 'a: [1\n', 6],
    ['a bomb of brackets', '['.repeat(100_000), 32],
    ['a list without an end', '- 1\n'.repeat(1001), 4002],
    ['documents without an end', '---\n1\n'.repeat(1001), 6004],
    ['keys without an end', Array.from({ length: 65 }, (_, i) => `k${i + 10}: 1`).join('\n'), 448],
    ['a bomb of dashes', '- '.repeat(100_000), 64],
  ])('is refused at its place for %s', (_, text, at) => {
    expect(yamlTrees(text).faults.map((fault) => fault.at)).toContain(at)
  })

  test('of a billion laughs is refused before one is laughed', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} [${`*k${i - 1},`.repeat(9)}]`).join('\n')
    expect(yamlTrees(bomb).faults.length).toBeGreaterThan(270)
  })
})

describe('a place in a file', () => {
  test('is a line and a column, both from 1', () => {
    const placeAt = placesOf('ab\ncd\r\n\nx')
    expect([0, 2, 3, 7, 8].map(placeAt)).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
    ])
  })

  test('is found by its path as far as that leads, an item of a list by its text as well', () => {
    const [tree] = jsonTree('{"config": {"list": ["x", "y"], "a.b": 1}}').trees
    if (!tree) throw new Error('there is a tree')
    const at = (path: string) => [follow(tree, path).node.at, follow(tree, path).isWhole]
    expect(at('config.list.y')).toEqual(at('config.list.1'))
    expect(at('config.a.b')).toEqual([39, true])
    expect(at('config.absent.more')).toEqual([11, false])
    expect(at('')).toEqual([0, true])
  })
})
