import { BundleError } from '../../../bundle/bundle-error.ts'
import { translate } from '../../../bundle/mapping/translation-map.ts'

const ANSWER = { id: 'c-1', count: 3, gone: null, list: [{ id: 'a' }, { id: 'b' }] }

function translated(path: string, fallback?: string): unknown {
  const [variable] = translate(ANSWER, {
    translationMap: { x: path },
    translationMapDefaults: fallback === undefined ? {} : { x: fallback },
  })
  return variable && { source: variable.source, jsonText: variable.jsonText }
}

describe('a variable of the translation map', () => {
  test.each<[string, string | undefined, string, string | undefined]>([
    ['$.id', undefined, 'path', '"c-1"'],
    ['$.id', '"other"', 'path', '"c-1"'],
    ['$.count', undefined, 'path', '3'],
    ['$.list[0]', undefined, 'path', '{"id":"a"}'],
    ['$.list[*].id', undefined, 'path', '["a","b"]'],
    ['$.gone', '"other"', 'path', 'null'],
    ['$.absent', '"other"', 'default', '"other"'],
    ['$.absent', ' {"count": 0} ', 'default', '{"count":0}'],
    ['$.absent', 'null', 'default', 'null'],
    ['$.absent', undefined, 'missing', undefined],
    ["$.list[?(@.id=='z')].id", '["other"]', 'path', '[]'],
    ['$.absent[*].id', '["other"]', 'default', '["other"]'],
    ['$.id', 'not json, and not used', 'path', '"c-1"'],
  ])('%s with the default %s comes from the %s', (path, fallback, source, jsonText) => {
    expect(translated(path, fallback)).toEqual({ source, jsonText })
  })

  test('variables come in the order of the map, with what they are', () => {
    const map = { translationMap: { b: '$.id', a: '$..id' }, translationMapDefaults: {} }
    expect(translate(ANSWER, map)).toEqual([
      { name: 'b', path: '$.id', isDefinite: true, source: 'path', value: 'c-1', jsonText: '"c-1"' },
      {
        name: 'a',
        path: '$..id',
        isDefinite: false,
        source: 'path',
        value: ['c-1', 'a', 'b'],
        jsonText: '["c-1","a","b"]',
      },
    ])
  })

  test.each<[string, string, string, RegExp]>([
    ['$.absent', 'none', 'definition-invalid', /variable "x".*no JSON: "none"/],
    ['$.absent', '', 'definition-invalid', /variable "x".*no JSON: ""/],
    ['$.a b', '""', 'path-invalid', /variable "x".*column 4/],
  ])('%s with the default %s is refused by name', (path, fallback, code, message) => {
    expect(() => translated(path, fallback)).toThrow(message)
    expect(() => translated(path, fallback)).toThrow(expect.objectContaining({ code }))
  })

  test('a default of an inherited name is none', () => {
    const [variable] = translate({}, { translationMap: { constructor: '$.a' }, translationMapDefaults: {} })
    expect(variable?.source).toBe('missing')
  })

  test('an answer of a hundred thousand levels is refused', () => {
    let deep: unknown[] = []
    for (let i = 0; i < 100_000; i++) deep = [deep]
    const run = (): unknown =>
      translate(deep as never, { translationMap: { x: '$' }, translationMapDefaults: {} })
    expect(run).toThrow(BundleError)
    expect(run).toThrow(/"x".*too deep/)
  })
})
