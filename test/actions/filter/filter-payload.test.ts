import fc from 'fast-check'
import { parseFilter } from '../../../actions/filter/filter-payload.ts'

/** The sample of the contract, but for its priority. */
const sample = {
  name: 'production-toxicity-guard',
  description: 'Blocks high-confidence toxicity and PII leaks',
  filter_type: 'safety',
  enabled: true,
  config: {
    content_categories: ['hate_speech', 'violence', 'pii'],
    block_action: 'block_and_log',
    thresholds: { toxicity: 0.8, pii_confidence: 0.92 },
    false_positive_tolerance: 0.03,
  },
}
const withConfig = (config: object): object => ({ ...sample, config: { ...sample.config, ...config } })

function pathsOf(payload: unknown): readonly string[] {
  const parsed = parseFilter(payload)
  return parsed.ok ? [] : parsed.violations.map(({ path }) => path)
}

describe('the filter payload', () => {
  test('takes the sample of the contract and fills the defaults', () => {
    expect(parseFilter(sample)).toEqual({
      ok: true,
      value: {
        ...sample,
        priority: 'auto',
        config: { ...sample.config, thresholds: { pii_confidence: 0.92, toxicity: 0.8 } },
      },
    })
    const { name, config } = sample
    expect(parseFilter({ name, config })).toMatchObject({
      ok: true,
      value: { filter_type: 'safety', enabled: true, priority: 'auto' },
    })
  })

  test('refuses priority 0 with a message that names auto', () => {
    const parsed = parseFilter({ ...sample, priority: 0 })
    expect(parsed).toMatchObject({
      ok: false,
      violations: [{ path: 'priority', message: expect.stringContaining('"auto"') }],
    })
  })

  test.each([1, 100, 'auto'])('takes priority %p', (priority) => {
    expect(parseFilter({ ...sample, priority }).ok).toBe(true)
  })

  const refusals: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['a list', [], ['']],
    ['nothing', undefined, ['']],
    ['a text', 'filter', ['']],
    ['an unknown key', { ...sample, colour: 'red' }, ['colour']],
    ['an unknown key in config', withConfig({ colour: 'red' }), ['config.colour']],
    ['a missing config', { name: 'abc' }, ['config', 'config', 'config']],
    ['a config that is a list', { ...sample, config: [] }, ['config']],
    ['a config that is a text', { ...sample, config: 'x' }, ['config']],
    ['a short name', { ...sample, name: ' ab ' }, ['name']],
    ['a name of 129 characters', { ...sample, name: 'x'.repeat(129) }, ['name']],
    ['a control character in the name', { ...sample, name: 'abc\u0007d' }, ['name']],
    ['a name that is a number', { ...sample, name: 12345 }, ['name']],
    ['a long description', { ...sample, description: 'x'.repeat(1025) }, ['description']],
    ['a description that is null', { ...sample, description: null }, ['description']],
    ['enabled as text', { ...sample, enabled: 'true' }, ['enabled']],
    ['priority as text', { ...sample, priority: '10' }, ['priority']],
    ['priority 101', { ...sample, priority: 101 }, ['priority']],
    ['priority 1.5', { ...sample, priority: 1.5 }, ['priority']],
    ['no category', withConfig({ content_categories: [] }), ['config.content_categories']],
    [
      'an unknown category',
      withConfig({ content_categories: ['pii', 'weather'] }),
      ['config.content_categories'],
    ],
    ['a category twice', withConfig({ content_categories: ['pii', 'pii'] }), ['config.content_categories']],
    ['categories as text', withConfig({ content_categories: 'pii' }), ['config.content_categories']],
    ['an unknown action', withConfig({ block_action: 'explode' }), ['config.block_action']],
    ['no threshold', withConfig({ thresholds: {} }), ['config.thresholds']],
    ['a threshold as text', withConfig({ thresholds: { toxicity: '0.8' } }), ['config.thresholds.toxicity']],
    ['a threshold beyond 1', withConfig({ thresholds: { toxicity: 1.01 } }), ['config.thresholds.toxicity']],
    [
      'a threshold that is NaN',
      withConfig({ thresholds: { toxicity: NaN } }),
      ['config.thresholds.toxicity'],
    ],
    ['an unknown threshold', withConfig({ thresholds: { wind: 0.5 } }), ['config.thresholds.wind']],
    ['thresholds as a list', withConfig({ thresholds: [0.5] }), ['config.thresholds']],
    [
      'a key of the prototype',
      withConfig({ thresholds: JSON.parse('{"__proto__":0.5}') }),
      ['config.thresholds.__proto__'],
    ],
    [
      'the key constructor',
      withConfig({ thresholds: { constructor: 0.5 } }),
      ['config.thresholds.constructor'],
    ],
    [
      'a tolerance below 0',
      withConfig({ false_positive_tolerance: -0.1 }),
      ['config.false_positive_tolerance'],
    ],
    [
      'a tolerance as text',
      withConfig({ false_positive_tolerance: '0.03' }),
      ['config.false_positive_tolerance'],
    ],
    [
      'an infinite tolerance',
      withConfig({ false_positive_tolerance: Infinity }),
      ['config.false_positive_tolerance'],
    ],
  ]

  test.each(refusals)('refuses %s, with its path', (_, payload, paths) => {
    expect(new Set(pathsOf(payload))).toEqual(new Set(paths))
  })

  test('lists every violation of one payload in one answer', () => {
    const payload = {
      name: 'x',
      priority: 0,
      colour: 1,
      config: { content_categories: ['x'], thresholds: { toxicity: 2, wind: 1 } },
    }
    expect(new Set(pathsOf(payload))).toEqual(
      new Set([
        'name',
        'priority',
        'colour',
        'config.content_categories',
        'config.block_action',
        'config.thresholds.toxicity',
        'config.thresholds.wind',
        'config.false_positive_tolerance',
      ]),
    )
  })

  test('refuses a nesting that would overflow the stack', () => {
    const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))
    expect(parseFilter({ ...sample, description: deep })).toMatchObject({
      ok: false,
      violations: [{ code: 'depth' }],
    })
  })

  test('normalises the name: NFC, trimmed', () => {
    expect(parseFilter({ ...sample, name: '  Cafe\u0301 guard ' })).toMatchObject({
      ok: true,
      value: { name: 'Caf\u00e9 guard' },
    })
  })

  test('never throws, whatever is sent', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (top, inner) => {
        expect(() => parseFilter(top)).not.toThrow()
        expect(() => parseFilter({ ...sample, config: inner })).not.toThrow()
        expect(() => parseFilter(withConfig({ thresholds: inner }))).not.toThrow()
      }),
    )
  })
})
