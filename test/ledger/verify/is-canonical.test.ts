import fc from 'fast-check'
import { canonicalJson } from '../../../ledger/entry/canonical-json.ts'
import type { Json } from '../../../ledger/entry/entry.ts'
import { isCanonical } from '../../../ledger/verify/is-canonical.ts'

/** The slow way, for comparison: parse, and write again. */
function isRewritten(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text) as Json) === text
  } catch {
    return false
  }
}

const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.double({ min: 0, max: 1, noNaN: true }).map((n) => Number(n.toPrecision(3))),
)
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.string(),
    numbers,
    fc.boolean(),
    fc.constant(null),
    tie('array'),
    tie('object'),
  ),
  array: fc.array(tie('value')),
  object: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a', 'b', '10', '9', 'é', 'ab')), tie('value')),
}))

describe('telling canonical bytes from others', () => {
  test('takes every canonical object', () => {
    fc.assert(
      fc.property(values.object, (object) => {
        expect(isCanonical(Buffer.from(canonicalJson(object as Json)))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('agrees with parsing and writing again on canonical texts with one character changed', () => {
    fc.assert(
      fc.property(
        values.object,
        fc.nat(),
        fc.constantFrom(...'0123456789.-+eE"\\ \n\t{}[],:abtrue\u0000é'.split('')),
        fc.boolean(),
        (object, place, character, insert) => {
          const text = canonicalJson(object as Json)
          const at = place % (text.length + 1)
          const changed = text.slice(0, at) + character + text.slice(insert ? at : at + 1)
          const bytes = Buffer.from(changed)
          expect(isCanonical(bytes)).toBe(changed.startsWith('{') && isRewritten(bytes.toString()))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['{"a":0.75}', true],
    ['{"a":0.70}', false],
    ['{"a":-0}', false],
    ['{"a":-0.5}', true],
    ['{"a":1e3}', false],
    ['{"a":1e+21}', true],
    ['{"a":0.000001}', true],
    ['{"a":0.0000001}', false],
    ['{"a":1e-7}', true],
    ['{"a":123456789012345680000}', true],
    ['{"a":01}', false],
    ['{"a":1.}', false],
    ['{"b":1,"a":2}', false],
    ['{"a":1,"a":1}', false],
    ['{"a":1} ', false],
    ['[1]', false],
    ['{"a":"\\u0061"}', false],
    ['{"a":"\\u000b"}', true],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isCanonical(Buffer.from(text))).toBe(expected)
  })

  test('refuses bytes that are no UTF-8', () => {
    expect(
      isCanonical(Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xc3, 0x28), Buffer.from('"}')])),
    ).toBe(false)
  })
})
