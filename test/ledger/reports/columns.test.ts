import { readFileSync } from 'node:fs'
import { REPORTS } from '../../../ledger/reports/parse-report.ts'
import { REPORT_NAMES } from '../../../ledger/reports/report.ts'
import type { ReportName } from '../../../ledger/reports/report.ts'

const page = readFileSync(new URL('../../../docs/reports.md', import.meta.url), 'utf8')

/** What auditors' lists ask for, in their order. */
const ASKED: Readonly<Record<ReportName, string>> = {
  'change-events': `seq event_id occurred_at recorded_at environment org_id region actor_type actor_id actor_display
    source_ip auth_method action filter_id filter_name filter_version_before filter_version_after bundle_revision
    property_changes reason ticket_ref change_request_id requested_by requested_at approved_by approved_at self_approved
    emergency post_review_by post_review_due test_run_id test_result shadow_evidence_id plan_hash idempotency_key
    api_request_id result error_class http_status attempts duration_ms rollback_of_event_id prev_hash event_hash`,
  'decision-events': `seq decision_id occurred_at received_at environment org_id filter_id filter_version bundle_revision
    category score threshold action_configured action_taken direction channel queue_id language conversation_ref_hmac
    interaction_ref_hmac content_stored masked_fields detector_version latency_ms delivery_id duplicate_of prev_hash
    event_hash`,
  'review-samples': `sample_id decision_id stratum inclusion_probability drawn_at seed reviewer_id_pseudonym reviewed_at
    label second_label agreed adjudicated_by rationale_code guideline_version`,
  'filter-performance': `period_start period_end filter_id version category evaluations blocked redacted flagged passed
    errors intervention_rate reviewed tp fp unclear fdp fdp_ci_low fdp_ci_high fpr fpr_ci_low fpr_ci_high recall
    recall_ci_low recall_ci_high tolerance verdict e_value kappa method_version`,
}

/** What this house adds. */
const ADDED: Readonly<Record<ReportName, readonly string[]>> = {
  'change-events': ['leaf_hash', 'entry_type', 'deployment_id'],
  'decision-events': ['leaf_hash', 'content_ref', 'sample_rate'],
  'review-samples': ['final_label', 'seq', 'leaf_hash'],
  'filter-performance': ['bypassed'],
}

const namesOf = (name: ReportName): readonly string[] => REPORTS[name].columns.map((column) => column.name)
const askedOf = (name: ReportName): readonly string[] => ASKED[name].split(/\s+/)

/** The rows of the first table below a heading. */
function tableBelow(heading: string): readonly (readonly string[])[] {
  const text = page.slice(page.indexOf(`\n${heading}\n`) + heading.length)
  const [table = ''] = /(^\|.*\n)+/m.exec(text) ?? []
  const lines = table.trim().split('\n').slice(2)
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe.each(REPORT_NAMES)('the columns of %s', (name) => {
  test('are those that are asked for, in their order, and what this house adds', () => {
    const added = ADDED[name]
    const kept = namesOf(name).filter((column) => !added.includes(column))
    expect(kept).toEqual(askedOf(name).filter((column) => kept.includes(column)))
    expect(namesOf(name)).toEqual(expect.arrayContaining([...added]))
    expect(new Set(namesOf(name)).size).toBe(namesOf(name).length)
  })

  test('stand in the page with their sources', () => {
    const told = tableBelow(`### ${name}`)
    expect(told).toEqual(
      REPORTS[name].columns.map((column) => [`\`${column.name}\``, column.source.replaceAll('|', '\\|')]),
    )
  })

  test('that are left out are named in the page, each with a reason', () => {
    const told = tableBelow('## Columns that are left out')
      .filter(([reports = '']) => reports.split(', ').includes(name))
      .flatMap(([, columns = '', why = '']) =>
        [...columns.matchAll(/`(\w+)`/g)].map(([, column]) => [column, why] as const),
      )
    const missing = askedOf(name).filter((column) => !namesOf(name).includes(column))
    expect(told.map(([column]) => column).sort()).toEqual(missing.toSorted())
    for (const [, why] of told) expect(why.length).toBeGreaterThan(20)
  })
})
