import fc from 'fast-check'
import { toDeployInput, toFilterPayload } from '../../../actions/data-actions/deploy-filter.ts'
import { dropUnset, parseList, parseNumbers } from '../../../actions/data-actions/flat-input.ts'
import { parseFilter } from '../../../actions/filter/filter-payload.ts'
import { BLOCK_ACTIONS, CATEGORIES, THRESHOLD_KEYS } from '../../../actions/filter/filter-spec.ts'

describe('a flat input', () => {
  test('that a flow did not set is absent', () => {
    const input = { a: null, b: '', c: 'NOT_SET', d: 0, e: false, f: 'x', g: ' ' }
    expect(dropUnset(input)).toEqual({ d: 0, e: false, f: 'x', g: ' ' })
  })

  test.each([[undefined], [null], ['text'], [5], [[null, '']]])(
    'that is no object stays as it is: %j',
    (input) => {
      expect(dropUnset(input)).toEqual(input)
    },
  )

  test.each<[unknown, unknown]>([
    ['pii', ['pii']],
    [' pii , violence ', ['pii', 'violence']],
    ['["pii","violence"]', ['pii', 'violence']],
    ['pii,', ['pii', '']],
    ['["pii"', '["pii"'],
    [['pii'], ['pii']],
    [5, 5],
    [undefined, undefined],
  ])('reads %j as the list %j', (text, list) => {
    expect(parseList(text)).toEqual(list)
  })

  test.each<[unknown, unknown]>([
    ['toxicity=0.80', { toxicity: 0.8 }],
    [' toxicity = 0.8 , pii=1 ', { toxicity: 0.8, pii: 1 }],
    ['{"toxicity":0.8}', { toxicity: 0.8 }],
    ['toxicity=high', { toxicity: 'high' }],
    ['toxicity=0x1', { toxicity: '0x1' }],
    ['toxicity=1e-1', { toxicity: '1e-1' }],
    ['toxicity', 'toxicity'],
    ['toxicity=0.8,', 'toxicity=0.8,'],
    ['{"toxicity":', '{"toxicity":'],
    [0.8, 0.8],
    [undefined, undefined],
  ])('reads %j as the numbers %j', (text, numbers) => {
    expect(parseNumbers(text)).toEqual(numbers)
  })

  test('with a key of the prototype is refused by its name', () => {
    const payload = toFilterPayload({ name: 'guard', thresholds: '__proto__=0.5' })
    const parsed = parseFilter(payload)
    expect(parsed.ok ? [] : parsed.violations.map(({ path }) => path)).toContain(
      'config.thresholds.__proto__',
    )
  })

  test('carries a filter payload there and back unharmed', () => {
    const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
    const payload = fc.record(
      {
        name: fc.stringMatching(/^[a-z][a-z-]{2,40}$/),
        description: fc.stringMatching(/^[a-z ]{1,40}$/),
        filter_type: fc.constant('safety'),
        enabled: fc.boolean(),
        priority: fc.oneof(fc.constant('auto'), fc.integer({ min: 1, max: 100 })),
        config: fc.record({
          content_categories: fc.subarray([...CATEGORIES], { minLength: 1 }),
          block_action: fc.constantFrom(...BLOCK_ACTIONS),
          thresholds: fc.dictionary(fc.constantFrom(...THRESHOLD_KEYS), share, { minKeys: 1, maxKeys: 10 }),
          false_positive_tolerance: share,
        }),
      },
      { requiredKeys: ['name', 'config'] },
    )
    fc.assert(
      fc.property(payload, (original) => {
        const flat = toDeployInput(original)
        for (const value of Object.values(flat)) expect(typeof value).not.toBe('object')
        expect(parseFilter(toFilterPayload({ ...flat }))).toEqual(parseFilter(original))
        expect(parseFilter(original).ok).toBe(true)
      }),
    )
  })
})
