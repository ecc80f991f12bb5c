import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseFilter } from '../../../actions/filter/filter-payload.ts'
import type { FilterSpec } from '../../../actions/filter/filter-spec.ts'
import { lintFilters, RULES } from '../../../actions/lint/lint-filters.ts'
import { filtersInFile } from '../../../cli/filter-files/filters-in-file.ts'
import { sectionsOf } from '../../../cli/lint/rule-help.ts'

const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url))
const PAGE = fileURLToPath(new URL('../../../docs/lint.md', import.meta.url))

const ids = RULES.map(({ id }) => id)
const sections = sectionsOf(readFileSync(PAGE, 'utf8'))

function specsIn(yaml: string): readonly FilterSpec[] {
  const { filters, problems } = filtersInFile({ file: 'x.yaml', bytes: Buffer.from(yaml) })
  expect(problems).toEqual([])
  return filters.flatMap(({ spec }) => spec ?? [])
}

/** The rules that are broken when the filters are live, but for the one rule that is about those that are not. */
function brokenBy(yaml: string, id: string): readonly string[] {
  const specs = specsIn(yaml)
  const context = id === 'first-deployment-blocks' ? {} : { live: specs.map(({ name }) => name) }
  return [...new Set(lintFilters(specs, context).map(({ ruleId }) => ruleId))]
}

describe('every rule of the lint', () => {
  test('has an id of its own, and there is no fixture of another', () => {
    expect(new Set(ids).size).toBe(ids.length)
    expect(readdirSync(FIXTURES).sort()).toEqual([...ids].sort())
  })

  test.each(ids)('%s fails where it has to, alone, and passes where it may', (id) => {
    const fixture = (name: string): string => readFileSync(`${FIXTURES}${id}/${name}.yaml`, 'utf8')
    expect(existsSync(`${FIXTURES}${id}`)).toBe(true)
    expect(brokenBy(fixture('fails'), id)).toEqual([id])
    expect(brokenBy(fixture('passes'), id)).toEqual([])
  })

  test.each(ids)(
    '%s has a section in docs/lint.md, whose examples fail and pass, that says how to silence it',
    (id) => {
      const section = sections.get(id) ?? ''
      const [failing = '', mended = '', ...more] = [...section.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
        ([, yaml = '']) => yaml,
      )
      expect(more).toEqual([])
      expect(brokenBy(failing, id)).toEqual([id])
      expect(brokenBy(mended, id)).toEqual([])
      expect(section).toContain(`--ignore ${id}`)
      const severity = RULES.find((rule) => rule.id === id)?.severity ?? ''
      expect(section.toLowerCase()).toMatch(new RegExp(`^${severity}\\.`))
    },
  )

  test('is named by no section that docs/lint.md has beside theirs', () => {
    expect([...sections.keys()]).toEqual(['How filter files are read', ...ids])
  })
})

interface Given {
  readonly name: string
  readonly categories: readonly string[]
  readonly action?: string
  readonly thresholds: Readonly<Record<string, number>>
  readonly priority?: number
  readonly enabled?: boolean
}

function given({ name, categories, action = 'flag_and_pass', thresholds, ...more }: Given): FilterSpec {
  const parsed = parseFilter({
    name,
    ...more,
    config: {
      content_categories: categories,
      block_action: action,
      thresholds,
      false_positive_tolerance: 0.1,
    },
  })
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.violations))
  return parsed.value
}

describe('a finding', () => {
  test('names the rule, the filter, the path, and what to do', () => {
    const filter = given({
      name: 'guard',
      categories: ['hate_speech'],
      thresholds: { toxicity: 0.5, pii: 0.5 },
    })
    expect(lintFilters([filter])).toEqual([
      {
        ruleId: 'threshold-without-category',
        severity: 'error',
        filter: 'guard',
        path: 'config.thresholds.pii',
        message: 'the threshold pii has no effect: add pii to content_categories, or take the threshold out',
      },
    ])
  })

  test('of each filter comes in the order of the filters', () => {
    const wrong = (name: string) =>
      given({ name, categories: ['political'], thresholds: { political: 1, toxicity: 0 } })
    expect(lintFilters([wrong('bbb'), wrong('aaa')]).map(({ filter }) => filter)).toEqual([
      ...Array<string>(3).fill('bbb'),
      ...Array<string>(3).fill('aaa'),
    ])
  })
})

describe('two filters on one category', () => {
  const block = { name: 'block', categories: ['violence'], action: 'block_and_log' }
  const flag = { name: 'flag', categories: ['violence'], thresholds: { violence: 0.5 } }
  const seen = (...filters: readonly Given[]) => {
    const found = lintFilters(filters.map(given), { live: ['block', 'flag'] })
    return found.map(({ filter, message }) => `${filter}: ${message}`)
  }

  test.each([
    ['a lower threshold', { violence: 0.4 }, true],
    ['an equal threshold', { violence: 0.5 }, true],
    ['a higher threshold', { violence: 0.6 }, false],
    ['another signal', { toxicity: 0.1 }, false],
  ])('of which the first blocks at %s', (_, thresholds, isDead) => {
    const expected = isDead ? /^flag: this filter can never fire on violence: block/ : /^flag: block .* wins/
    const filters = [
      { ...flag, priority: 20 },
      { ...block, thresholds, priority: 10 },
    ]
    expect(seen(...filters)).toEqual([expect.stringMatching(expected)])
    expect(seen(...filters.toReversed())).toEqual([expect.stringMatching(expected)])
  })

  test('of which one has no priority yet are told to have no known order', () => {
    const blocks = { ...block, thresholds: { violence: 0.4 } }
    expect(seen(blocks, { ...flag, priority: 5 })).toEqual([
      expect.stringMatching(/^flag: block .* which of them comes first is not known/),
    ])
  })

  test('of which the first only flags both fire', () => {
    expect(seen({ ...flag, priority: 1 }, { ...block, thresholds: { violence: 0.5 }, priority: 2 })).toEqual([
      expect.stringMatching(/^block: flag decides on violence as well/),
    ])
  })

  test('that agree, or of which one is disabled, are not told', () => {
    expect(seen(flag, { ...flag, name: 'block' })).toEqual([])
    expect(seen({ ...flag, enabled: false }, { ...block, thresholds: { violence: 0.4 } })).toEqual([])
  })
})
