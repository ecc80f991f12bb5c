import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { EntryType } from '../../ledger/entry/entry.ts'
import { call } from '../receiver/http-caller.ts'
import { parseExposition } from '../receiver/metrics/exposition.ts'
import type { Exposed } from '../receiver/metrics/exposition.ts'
import { promtool, promtoolMissing } from '../support/promtool.ts'
import { draft, removeTempFolders } from '../support/temp-ledger.ts'
import { eventBody, startTestReceiver } from '../support/test-receiver.ts'

const FOLDER = fileURLToPath(new URL('../../docs/observability/', import.meta.url))
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')
const page = read('README.md')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface Target {
  readonly expr: string
  readonly legendFormat: string
  readonly datasource: { readonly uid: string }
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
  readonly targets?: readonly Target[]
}

interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
  readonly panels: readonly Panel[]
}

const rules = (parse(read('prometheus-rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)
const dashboard = JSON.parse(read('grafana-dashboard.json')) as Dashboard
const charts = dashboard.panels.filter(({ type }) => type !== 'row')
const variables = dashboard.templating.list.map(({ name }) => name)
const ruleExpressions = rules.map(({ alert, expr }) => [alert, expr] as const)
const panelExpressions = charts.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
)

/** The page's tables: type and labels by name. */
const documented = new Map(
  [...page.matchAll(/^\| `(filter_ledger_\w+)` \| (\w+) \| ([\w, ]*) \|/gm)].map(
    ([, name = '', type = '', labels = '']) => [name, { type, labels: labels.split(', ').filter(Boolean) }],
  ),
)

/** What a receiver serves that has seen something of everything. */
async function served(): Promise<ReadonlyMap<string, Exposed>> {
  const receiver = await startTestReceiver()
  try {
    const append = async (type: EntryType, data: Record<string, string | number>) =>
      (await receiver.ledger.append({ entry: draft({ type, data }) })).id
    const config = { false_positive_tolerance: 0.05 }
    await receiver.deliver(eventBody({ filter: { id: 'f-1', name: 'n', version: 1, enabled: true, config } }))
    const facts = { filterId: 'f-1', category: 'pii', score: 0.9, threshold: 0.5, actionTaken: 'blocked' }
    for (let i = 0; i < 40; i++) {
      const blockId = await append('block.recorded', facts)
      const verdict = i % 2 === 0 ? 'true_positive' : 'false_positive'
      await append('block.reviewed', { blockId, verdict, reviewerId: 'r-1', role: 'verdict' })
      await append('block.reviewed', { blockId, verdict, reviewerId: 'r-2', role: 'second' })
    }
    await append('deployment.registered', { latencyMs: 40 })
    await append('deployment.failed', { errorClass: 'server' })
    const token = await receiver.token(['metrics:read'])
    const scrape = () => call(`${receiver.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    await scrape()
    return parseExposition((await scrape()).text)
  } finally {
    await receiver.close()
  }
}

/** Parts of a PromQL expression with the texts of its matchers emptied. */
function bare(expr: string): string {
  return expr.replace(/"(?:[^"\\]|\\.)*"/g, '""')
}

function familyOf(name: string): string {
  return documented.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')
}

interface Selector {
  readonly name: string
  readonly labels: readonly string[]
}

function selectorsOf(expr: string): readonly Selector[] {
  return [...bare(expr).matchAll(/\b(filter_ledger_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => ({
      name: familyOf(name),
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  )
}

/** Labels that an expression groups or matches by. */
function groupedBy(expr: string): readonly string[] {
  return [...bare(expr).matchAll(/\b(?:by|on|group_left|without|ignoring) \(([^)]*)\)/g)].flatMap(
    ([, list = '']) => list.split(',').map((label) => label.trim()),
  )
}

/** Labels that every scrape adds, and that of a bucket. */
const ADDED = ['job', 'instance']

function labelsOf(selectors: readonly Selector[]): readonly string[] {
  return selectors.flatMap(({ name }) => {
    const family = documented.get(name)
    return [...(family?.labels ?? []), ...(family?.type === 'histogram' ? ['le'] : []), ...ADDED]
  })
}

function isBalanced(text: string): boolean {
  const open: string[] = []
  const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
  for (const char of bare(text)) {
    if ('([{'.includes(char)) open.push(char)
    else if (pairs[char] !== undefined && open.pop() !== pairs[char]) return false
  }
  return open.length === 0 && (text.match(/"/g)?.length ?? 0) % 2 === 0
}

afterAll(removeTempFolders)

describe('the metrics that the page lists', () => {
  test('are those that a receiver serves, with their types and labels', async () => {
    const families = await served()
    expect([...documented.keys()].sort()).toEqual([...families.keys()].sort())
    // What a test receiver has no occasion for: a witness, a key set that is fetched.
    const unseen = [...families].filter(([, { samples }]) => samples.length === 0).map(([name]) => name)
    expect(unseen.sort()).toEqual([
      'filter_ledger_jwks_age_seconds',
      'filter_ledger_jwks_fetches_total',
      'filter_ledger_witness_answers_total',
    ])
    for (const [name, { type, samples }] of families) {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))
      labels.delete('le')
      const listed = documented.get(name)
      expect([name, listed?.type]).toEqual([name, type])
      if (samples.length > 0)
        expect([name, [...labels].sort()]).toEqual([name, [...(listed?.labels ?? [])].sort()])
    }
  })
})

describe('the expressions of rules and panels', () => {
  test.each([...ruleExpressions, ...panelExpressions])('%s asks for what is served', (_name, expr) => {
    const selectors = selectorsOf(expr)
    expect(selectors.length).toBeGreaterThan(0)
    for (const { name, labels } of selectors) {
      expect([...documented.keys()]).toContain(name)
      expect(labels.filter((label) => !labelsOf([{ name, labels }]).includes(label))).toEqual([])
    }
    expect(groupedBy(expr).filter((label) => !labelsOf(selectors).includes(label))).toEqual([])
    expect(isBalanced(expr)).toBe(true)
  })

  test.each([...ruleExpressions, ...panelExpressions])(
    '%s reads counters by their increase',
    (_name, expr) => {
      for (const [whole, name = ''] of bare(expr).matchAll(/[a-z_]*\(?\bfilter_ledger_(\w+)/g)) {
        const type = documented.get(familyOf(`filter_ledger_${name}`))?.type
        if (type !== 'gauge') expect(whole).toMatch(/^(rate|increase)\(/)
      }
    },
  )
})

describe('the alert rules', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s can be acted on', (name, rule) => {
    expect(name).toMatch(/^FilterLedger([A-Z][a-z]+)+$/)
    expect(
      Object.keys(rule).filter((key) => !['alert', 'expr', 'for', 'labels', 'annotations'].includes(key)),
    ).toEqual([])
    expect(rule.for ?? '0s').toMatch(/^\d+[smhd]$/)
    expect(rule.labels).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/) as string })
    expect(Object.keys(rule.annotations)).toEqual(['summary', 'description', 'runbook_url'])
    for (const text of Object.values(rule.annotations)) {
      const templates =
        text.match(/\{\{ (\$labels\.\w+|\$value( \| \w+)?|printf "%\.\df" \$value) \}\}/g) ?? []
      expect([text, text.match(/\{\{|\}\}/g)?.length ?? 0]).toEqual([text, 2 * templates.length])
      for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g))
        expect(labelsOf(selectorsOf(rule.expr))).toContain(label)
    }
    expect(rule.annotations['runbook_url']).toBe(`docs/observability/README.md#${name.toLowerCase()}`)
    expect(page).toMatch(new RegExp(`^### ${name}$`, 'm'))
  })

  test('have different names, and a test each', () => {
    const names = rules.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
    const tests = parse(read('prometheus-rules.test.yml')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
    }
    const fired = tests.tests
      .flatMap((each) => each.alert_rule_test)
      .filter(({ exp_alerts: alerts }) => alerts.length > 0)
    expect([...new Set(fired.map(({ alertname }) => alertname))].sort()).toEqual(names.sort())
  })

  test("hold before Prometheus's own checker", () => {
    const missing = promtoolMissing()
    if (missing !== undefined) {
      console.warn(missing)
      return
    }
    const checked = promtool(['check', 'rules', join(FOLDER, 'prometheus-rules.yml')])
    expect(checked).toEqual({
      code: 0,
      output: expect.stringContaining(`${rules.length} rules found`) as string,
    })
    const tested = promtool(['test', 'rules', join(FOLDER, 'prometheus-rules.test.yml')])
    expect(tested).toEqual({ code: 0, output: expect.stringContaining('SUCCESS') as string })
  })
})

describe('the dashboard', () => {
  test('has ids of its own, a place for each panel, and nothing that overlaps', () => {
    expect([dashboard.uid, dashboard.title, dashboard.schemaVersion]).toEqual([
      'filter-ledger',
      'Filter Ledger',
      38,
    ])
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const taken = new Set<string>()
    for (const { title, gridPos } of dashboard.panels) {
      expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true])
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.has(`${x}/${y}`)]).toEqual([title, false])
          taken.add(`${x}/${y}`)
        }
      }
    }
  })

  test.each(charts.map((panel) => [panel.title, panel] as const))(
    '%s says what it shows, in a unit',
    (_title, panel) => {
      expect(panel.description).toMatch(/\.$/)
      expect(panel.fieldConfig?.defaults.unit).toMatch(/^(none|percentunit|s|ops|bool_yes_no)$/)
      expect(panel.targets?.length).toBeGreaterThan(0)
      for (const { expr, legendFormat, datasource } of panel.targets ?? []) {
        expect(datasource.uid).toBe('${datasource}')
        for (const [, variable = ''] of expr.matchAll(/\$(\w+)/g))
          expect([...variables, '__rate_interval', '__range']).toContain(variable)
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          expect(labelsOf(selectorsOf(expr))).toContain(label)
      }
    },
  )

  test('lets its reader choose by labels that are there', () => {
    const queries = dashboard.templating.list.flatMap(({ definition }) => definition ?? [])
    expect(queries).toHaveLength(3)
    for (const query of queries) {
      const [, name = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? []
      expect(labelsOf([{ name, labels: [] }])).toContain(label)
    }
  })
})
