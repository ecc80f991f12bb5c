import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Who may import whom: the table of ARCHITECTURE.md. A room may always import itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ledger: [],
  migrations: [],
  sandbox: [],
  bundle: ['actions'],
  actions: ['ledger'],
  receiver: ['ledger'],
  cli: ['ledger', 'actions', 'receiver', 'bundle', 'migrations', 'sandbox'],
  bench: ['ledger', 'actions', 'receiver', 'bundle', 'migrations', 'sandbox', 'cli'],
}

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const files = Object.keys(ALLOWED).flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(room, name)),
)

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"]*?from '(\.[^']+)'|import\('(\.[^']+)'\)/gm,
  )
  return [...statements].map(([, type, named, dynamic]) => ({
    from: file,
    to: relative(ROOT, resolve(ROOT, dirname(file), named ?? dynamic ?? '')),
    typeOnly: type !== undefined,
  }))
}

const roomOf = (file: string): string => file.split('/')[0] ?? ''
const imports = files.flatMap(importsOf)

describe('the import table of the house', () => {
  test('every relative import was found and leads to a file of the house', () => {
    expect(imports.length).toBeGreaterThan(200)
    expect(imports.filter(({ to }) => !files.includes(to))).toEqual([])
  })

  test.each(Object.keys(ALLOWED))('%s imports only what it may', (room) => {
    const wrong = imports.filter(
      ({ from, to }) => roomOf(from) === room && roomOf(to) !== room && !ALLOWED[room]?.includes(roomOf(to)),
    )
    expect(wrong).toEqual([])
  })

  test('there is no cycle of value imports', () => {
    const next = new Map(
      files.map((file) => [
        file,
        imports.filter(({ from, typeOnly }) => from === file && !typeOnly).map(({ to }) => to),
      ]),
    )
    const done = new Set<string>()
    const cycleFrom = (file: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(file)) return [...path, file]
      if (done.has(file)) return undefined
      for (const to of next.get(file) ?? []) {
        const cycle = cycleFrom(to, [...path, file])
        if (cycle) return cycle
      }
      done.add(file)
      return undefined
    }
    expect(files.map((file) => cycleFrom(file, [])).filter(Boolean)).toEqual([])
  })

  test('the command line opens a ledger for writing in one place, which compares it with what is known outside', () => {
    const opening = files.filter(
      (file) =>
        roomOf(file) === 'cli' &&
        /\{[^}]*\bopenLedger\b[^}]*\} (from|= await import)/.test(readFileSync(join(ROOT, file), 'utf8')),
    )
    expect(opening).toEqual(['cli/open-own-ledger.ts'])
  })

  test('there are no barrels and no default exports', () => {
    for (const file of files) {
      expect(file).not.toMatch(/(^|\/)index\.ts$/)
      expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(/^export (default|\* from)/m)
    }
  })

  test('pure files do no I/O', () => {
    const pure = [
      'ledger/entry/canonical-json.ts',
      'ledger/export/csv.ts',
      'ledger/tree/merkle.ts',
      'ledger/entry/seal-entry.ts',
      'ledger/statistics/wilson.ts',
      'ledger/statistics/e-process.ts',
      'ledger/metrics/words.ts',
      'ledger/metrics/sampling-plan.ts',
      'ledger/metrics/metrics-summary.ts',
      'ledger/metrics/performance.ts',
      'ledger/metrics/fold-filter.ts',
      'ledger/metrics/fold-registration.ts',
      'ledger/projections/filter-order.ts',
      'ledger/projections/filter-states.ts',
      'ledger/projections/filter-timeline.ts',
      'ledger/projections/evidence-digest.ts',
      'ledger/projections/review-evidence.ts',
      'actions/filter/filter-payload.ts',
      'actions/data-actions/filter-event-input.ts',
      'actions/data-actions/json-text.ts',
      'actions/filter/compare-filters.ts',
      'actions/lint/category-signals.ts',
      'actions/lint/lint-filters.ts',
      'actions/lint/rules/action-rules.ts',
      'actions/lint/rules/category-shadowed.ts',
      'actions/lint/rules/set-rules.ts',
      'actions/lint/rules/threshold-rules.ts',
      'actions/genesys/rate-limiter.ts',
      'actions/pipeline/plan.ts',
      'actions/pipeline/allocate-priority.ts',
      'actions/pipeline/saga.ts',
      'actions/promotion/break-glass.ts',
      'actions/promotion/decide-promotion.ts',
      'actions/promotion/promotion-entry.ts',
      'receiver/edge/rate-limit.ts',
      'receiver/edge/under-way.ts',
      'receiver/oauth/form-parameters.ts',
      'receiver/oauth/guess-limits.ts',
      'receiver/oauth/hashing-queue.ts',
      'receiver/oauth/token-refusal.ts',
      'cli/clients/client-record.ts',
      'receiver/webhook/schemes/detached-jws.ts',
      'receiver/webhook/schemes/hub-sha256.ts',
      'receiver/webhook/schemes/jws.ts',
      'receiver/webhook/schemes/standard-webhooks.ts',
      'ledger/entry/property-changes.ts',
      'receiver/webhook/events/audit-entry.ts',
      'receiver/webhook/events/audit-facts.ts',
      'receiver/webhook/events/eventbridge-event.ts',
      'receiver/webhook/keys/back-off.ts',
      'receiver/webhook/keys/key-strength.ts',
      'receiver/webhook/evidence/check-evidence.ts',
      'receiver/webhook/evidence/signed-event.ts',
      'receiver/webhook/events/webhook-event.ts',
      'bundle/bounded-pattern.ts',
      'bundle/contract/check-contract.ts',
      'bundle/contract/explain-fault.ts',
      'bundle/contract/plain-schema.ts',
      'bundle/contract/subschemas.ts',
      'bundle/contract/validate-value.ts',
      'bundle/mapping/compare-values.ts',
      'bundle/mapping/flatten.ts',
      'bundle/mapping/parse-filter.ts',
      'bundle/mapping/parse-path.ts',
      'bundle/mapping/path-functions.ts',
      'bundle/mapping/path-reader.ts',
      'bundle/mapping/path-step.ts',
      'bundle/mapping/read-path.ts',
      'bundle/mapping/translation-map.ts',
      'cli/filter-files/explain-violation.ts',
      'cli/filter-files/json-tree.ts',
      'cli/filter-files/source-text.ts',
      'cli/filter-files/yaml-trees.ts',
      'cli/lint/sarif.ts',
      'cli/nearest-word.ts',
      'cli/report/format.ts',
      'cli/report/html/cut-text.ts',
      'cli/report/html/markup.ts',
      'cli/report/html/section.ts',
      'cli/report/html/table.ts',
      'cli/report/interventions-over-time.ts',
      'cli/report/ledger-state.ts',
      'cli/report/page.ts',
      'cli/report/period.ts',
      'cli/report/report-data.ts',
      'cli/report/review-state.ts',
      'cli/report/sections/error-budget.ts',
      'cli/report/sections/evidence.ts',
      'cli/report/sections/false-discovery.ts',
      'cli/report/sections/interventions.ts',
      'cli/report/sections/rates.ts',
      'cli/report/sections/registration.ts',
      'cli/report/sections/standings.ts',
      'cli/report/standing.ts',
      'cli/report/svg/patterns.ts',
      'cli/report/svg/picture.ts',
      'cli/report/svg/row-bars.ts',
      'cli/report/svg/stacked-bars.ts',
      'cli/report/svg/ticks.ts',
      'cli/report/svg/whiskers.ts',
      'cli/report/verdict-sentence.ts',
      'cli/doctor/check-apis.ts',
      'cli/doctor/check-clock.ts',
      'cli/doctor/check-genesys.ts',
      'cli/doctor/check-webhook.ts',
      'cli/webhook/sign-jws.ts',
      'cli/webhook/sign-hub.ts',
      'cli/webhook/sign-standard-webhooks.ts',
      'cli/webhook/sample-event.ts',
      'cli/webhook/sender.ts',
      'cli/webhook/raw-request.ts',
      'cli/webhook/read-answer.ts',
      'cli/webhook/answer.ts',
      'cli/webhook/attacks/corpus.ts',
      'cli/webhook/attacks/run-attack.ts',
      'bundle/velocity/budget.ts',
      'bundle/velocity/calculate.ts',
      'bundle/velocity/cursor.ts',
      'bundle/velocity/evaluate-expression.ts',
      'bundle/velocity/macros/argument.ts',
      'bundle/velocity/macros/escape-text.ts',
      'bundle/velocity/macros/escape-tool.ts',
      'bundle/velocity/macros/genesys-tools.ts',
      'bundle/velocity/macros/math-tool.ts',
      'bundle/velocity/macros/success-template-tool.ts',
      'bundle/velocity/methods/list-methods.ts',
      'bundle/velocity/methods/map-methods.ts',
      'bundle/velocity/methods/number-methods.ts',
      'bundle/velocity/methods/text-methods.ts',
      'bundle/velocity/parse-directive.ts',
      'bundle/velocity/parse-expression.ts',
      'bundle/velocity/parse-reference.ts',
      'bundle/velocity/parse-template.ts',
      'bundle/velocity/parse-text.ts',
      'bundle/velocity/reference-names.ts',
      'bundle/velocity/regexp/assertions.ts',
      'bundle/velocity/regexp/character-class.ts',
      'bundle/velocity/regexp/escapes.ts',
      'bundle/velocity/regexp/match.ts',
      'bundle/velocity/regexp/parse-regexp.ts',
      'bundle/velocity/regexp/pattern.ts',
      'bundle/velocity/regexp/reader.ts',
      'bundle/velocity/regexp/replace.ts',
      'bundle/velocity/render-template.ts',
      'bundle/velocity/resolve-reference.ts',
      'bundle/velocity/run.ts',
      'bundle/velocity/syntax-tree.ts',
      'bundle/velocity/template-references.ts',
      'bundle/velocity/value.ts',
    ]
    for (const file of pure) {
      expect(files).toContain(file)
      expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(
        /from '(node:(fs|net|http|https|child_process|timers).*|typeorm|express|better-sqlite3)'|\bfetch\(|Date\.now|new Date\(\)|Math\.random/,
      )
    }
  })
})
