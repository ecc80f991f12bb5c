import fc from 'fast-check'
import { parseBlock } from '../../../actions/data-actions/block-input.ts'
import { quickBlock } from '../../../actions/data-actions/quick-block.ts'
import { block } from './action-ledger.ts'

/** Values at the edges of the rules, and beyond. */
const ODD: readonly unknown[] = [
  null,
  '',
  'NOT_SET',
  ' ',
  'pii',
  'en',
  'e',
  'blocked',
  '\ud800',
  '😀'.repeat(64),
  '😀'.repeat(128),
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(128),
  'x'.repeat(129),
  'x'.repeat(256),
  'x'.repeat(257),
  '\ufe0f',
  'a\n',
  0,
  -0,
  1,
  1.0000001,
  -1e-9,
  0.001,
  0.0009999,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  NaN,
  Infinity,
  true,
  [],
  {},
  { nested: [1] },
  '2026-01-31T12:00:00Z',
  '2026-01-31T12:00:00.123456789Z',
  '2026-02-30T12:00:00Z',
  '2024-02-29T23:59:59Z',
  '2026-01-31T12:00:60Z',
  '2026-01-31T24:00:00Z',
  '0000-01-01T00:00:00Z',
  '0099-12-31T23:59:59Z',
  '1000-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '2026-01-31T12:00:00+00:00',
  '2026-01-31',
]
const odd = fc.constantFrom(...ODD)
const anything = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 140 }), fc.double(), fc.integer())
const share = fc.double({ min: 0, max: 1, noNaN: true })
const text = (maxLength: number) => fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength })

const fit = fc.record(
  {
    filterId: text(128),
    category: fc.constantFrom('hate_speech', 'violence', 'pii'),
    score: share,
    threshold: share,
    actionTaken: fc.constantFrom('blocked', 'redacted', 'flagged', 'passed', 'error_blocked', 'bypassed'),
    direction: fc.constantFrom('input', 'output'),
    filterName: fc.string({ unit: 'grapheme', maxLength: 20 }),
    filterVersion: fc.integer({ min: 1 }),
    channel: text(64),
    queueId: text(128),
    language: fc.constantFrom('en', 'en-US', 'zh-Hant-TW'),
    conversationId: fc.uuid(),
    contentRef: fc.webUrl({ size: 'small' }),
    sampleRate: fc.double({ min: 0.001, max: 1, noNaN: true }),
    requestId: fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/),
    occurredAt: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((at) => at.toISOString()),
  },
  { requiredKeys: ['filterId', 'category', 'score', 'threshold', 'actionTaken', 'direction'] },
)
const INPUT_NAMES = [
  ...[
    'filterId',
    'filterName',
    'filterVersion',
    'category',
    'score',
    'threshold',
    'actionTaken',
    'direction',
  ],
  ...[
    'channel',
    'queueId',
    'language',
    'conversationId',
    'contentRef',
    'sampleRate',
    'requestId',
    'occurredAt',
  ],
]
const members = fc.constantFrom(...INPUT_NAMES, 'constructor', 'toString', 'unknown', 'hasOwnProperty')
const changed = fc
  .tuple(fit, fc.array(fc.tuple(members, anything), { minLength: 1, maxLength: 3 }))
  .map(([input, changes]) => ({ ...input, ...Object.fromEntries(changes) }))

describe('the quick way to check a block', () => {
  test('takes nothing that the rules would refuse, and gives the same value', () => {
    let taken = 0
    const check = (input: unknown): void => {
      const quick = quickBlock(input)
      if (quick === undefined) return
      taken += 1
      const { ok, ...parsed } = parseBlock(input)
      expect({ input, ok }).toMatchObject({ ok: true })
      expect('value' in parsed && { ...parsed.value }).toEqual(quick)
    }
    fc.assert(fc.property(fc.oneof(fit, changed, fc.jsonValue()), check), { numRuns: 3000 })
    expect(taken).toBeGreaterThan(500)
  })

  // Characters beyond ASCII the rules count, and of early years they know: such an input goes the long way.
  test.each(INPUT_NAMES)('takes each edge of %s exactly as the rules do', (name) => {
    for (const value of ODD) {
      const input = { ...block, [name]: value }
      const quick = quickBlock(input) !== undefined
      const { ok } = parseBlock(input)
      const isCounted = /^[\x20-\x7e]*$/.test(String(value)) && !String(value).startsWith('0099')
      if (!isCounted) expect({ value, both: quick && !ok }).toEqual({ value, both: false })
      else expect({ value, quick }).toEqual({ value, quick: ok })
    }
  })

  test('takes what is whole and in order: a batch does not go the long way', () => {
    fc.assert(
      fc.property(fit, (input) => expect(quickBlock(input)).toBeDefined()),
      { numRuns: 500 },
    )
    expect(quickBlock({ ...block, filterName: '', requestId: null, channel: 'NOT_SET' })).toBeDefined()
  })

  test.each([[undefined], [null], ['text'], [7], [[block]], [{}], [{ ...block, score: '0.9' }]])(
    'leaves %j to the rules',
    (input) => {
      expect(quickBlock(input)).toBeUndefined()
    },
  )

  test('leaves __proto__ to the rules', () => {
    expect(quickBlock(JSON.parse('{"__proto__":{"filterId":"f"}}'))).toBeUndefined()
  })
})
