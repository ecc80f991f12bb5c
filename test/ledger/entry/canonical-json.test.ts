import fc from 'fast-check'
import { canonicalJson, MAX_DEPTH } from '../../../ledger/entry/canonical-json.ts'
import type { Json } from '../../../ledger/entry/entry.ts'

/* eslint-disable no-loss-of-precision -- the vectors of RFC 8785 are about exactly that */

describe('canonical JSON (RFC 8785)', () => {
  test('prints the example of RFC 8785 §3.2.4 byte for byte', () => {
    const input = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('sorts members by UTF-16 code units, as the example of RFC 8785 §3.2.3', () => {
    const sorted = canonicalJson({
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    })
    expect(Object.values(JSON.parse(sorted) as object)).toHaveLength(7)
    const order = [...sorted.matchAll(/:"(Carriage|One|Control|Latin|Euro|Emoji|Hebrew)/g)].map(
      (match) => match[1],
    )
    expect(order).toEqual(['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew'])
  })

  test.each([
    [-0, '0'],
    [1e21, '1e+21'],
    [9007199254740993, '9007199254740992'],
    [5e-324, '5e-324'],
  ])('prints the number %p as ECMAScript does (RFC 8785 appendix B)', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test.each([NaN, Infinity, -Infinity])('refuses %p', (value) => {
    expect(() => canonicalJson({ value })).toThrow(expect.objectContaining({ code: 'entry-invalid' }))
  })

  test('refuses lone surrogates in values and in names', () => {
    for (const value of ['\ud800', { '\udc00': 1 }]) {
      expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'entry-invalid' }))
    }
  })

  test('refuses what is nested too deep instead of overflowing the stack', () => {
    const nest = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json
    expect(canonicalJson(nest(MAX_DEPTH))).toHaveLength(2 * MAX_DEPTH)
    expect(() => canonicalJson(nest(MAX_DEPTH + 1))).toThrow(
      expect.objectContaining({ code: 'entry-invalid' }),
    )
    expect(() => canonicalJson(nest(100_000))).toThrow(expect.objectContaining({ code: 'entry-invalid' }))
  })

  test('keeps a member named __proto__ and leaves undefined members out', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1}}') as Json)).toBe('{"__proto__":{"a":1}}')
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  test('parses back to the same value, and is a fixed point', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
