import fc from 'fast-check'
import { jsonOutline } from '../../../cli/webhook-sources/json-outline.ts'

describe('the outline of a JSON text', () => {
  test.each([
    ['a name twice', '{"a":1,"b":2,"a":3}', ['a']],
    ['a name three times', '{"a":1,"a":2,"a":3}', ['a', 'a']],
    ['deep down', '{"sources":{"hub":{"x":[1,{"y":1,"y":2}]}}}', ['sources.hub.x.1.y']],
    ['written in two ways', '{"hub":1,"h\\u0075b":2}', ['hub']],
    ['__proto__', '{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['one name in two objects', '{"a":{"x":1},"b":{"x":1},"x":"\\"x\\":1,\\"x\\":2"}', []],
  ])('names the members that stand twice: %s', (_name, text, twice) => {
    expect(jsonOutline(text)).toEqual({ faultAt: undefined, twice })
  })

  test.each([
    ['', 0],
    ['  ', 2],
    ['\uFEFF{}', 0],
    ['{"a":1,}', 7],
    ['{"a":nul}', 5],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['[1,', 3],
    ['{"a":"x\ny"}', 5],
    ['{"a":01}', 6],
    ['{} x', 3],
    ['{} {}', 3],
    ['{"a":1] ', 6],
  ])('tells where %j goes wrong', (text, faultAt) => {
    expect(jsonOutline(text).faultAt).toBe(faultAt)
  })

  test('calls JSON what JSON.parse does, and nothing else', () => {
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    }
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\n"',
      '"\\x"',
      ' ',
      '\t',
      '-',
      '0',
      '1.5',
      'e3',
      'null',
      'tru',
    ]
    const texts = fc.oneof(
      fc.json(),
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((list) => list.join('')),
      // JSON with one character taken away.
      fc
        .tuple(fc.json(), fc.nat())
        .map(([text, n]) => text.slice(0, n % text.length) + text.slice((n % text.length) + 1)),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(jsonOutline(text).faultAt === undefined).toBe(isJson(text))
      }),
      { numRuns: 5000 },
    )
  })
})
