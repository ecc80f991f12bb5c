import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lintDataAction } from '../../../bundle/lint/lint-data-action.ts'
import { RULES } from '../../../bundle/lint/rules.ts'
import { sectionsOf } from '../../../cli/lint/rule-help.ts'
import { actionWith, nested, ORDER_ACTION } from './order-action.ts'

const PAGE = readFileSync(
  fileURLToPath(new URL('../../../docs/data-action-lint.md', import.meta.url)),
  'utf8',
)

const ids = RULES.map(({ id }) => id)
const sections = sectionsOf(PAGE)

/** Its example would fill a page: here instead. */
const TOO_LONG_TO_PRINT: Readonly<Record<string, readonly [unknown, unknown]>> = {
  'contract-depth': [
    { contract: { output: { successSchema: nested(60) } } },
    { contract: { output: { successSchema: nested(20) } } },
  ],
}

function jsonBlocks(markdown: string): readonly unknown[] {
  return [...markdown.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => JSON.parse(text) as unknown,
  )
}

function brokenBy(example: unknown): readonly string[] {
  return [...new Set(lintDataAction(actionWith(example)).map(({ ruleId }) => ruleId))]
}

describe('docs/data-action-lint.md', () => {
  test('begins with a data action that keeps every rule', () => {
    const [shown] = jsonBlocks(PAGE.slice(0, PAGE.indexOf('\n## ')))
    expect(shown).toEqual(ORDER_ACTION)
    expect(lintDataAction(shown)).toEqual([])
  })

  test('has a section for each rule, and no other', () => {
    expect(new Set(ids).size).toBe(ids.length)
    expect([...sections.keys()]).toEqual(ids)
  })

  test.each(ids)('on %s has an example that breaks it alone, and the same one mended', (id) => {
    const section = sections.get(id) ?? ''
    const printed = jsonBlocks(section)
    const [bad, good, ...more] = printed.length > 0 ? printed : (TOO_LONG_TO_PRINT[id] ?? [])
    expect(more).toEqual([])
    expect(brokenBy(bad)).toEqual([id])
    expect(brokenBy(good)).toEqual([])
    expect(section).toContain(`--ignore ${id}`)
    const severity = RULES.find((rule) => rule.id === id)?.severity ?? ''
    expect(section.toLowerCase()).toMatch(new RegExp(`^${severity}\\.`))
  })
})
