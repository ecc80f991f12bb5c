import type { ReconcileReport, ReportedDrift } from '../../../actions/reconcile/reconcile.ts'
import { readableReport } from '../../../cli/reconcile/readable-report.ts'

const drift: ReportedDrift = {
  filterId: 'f-1',
  name: 'guard',
  kind: 'changed',
  webhook: 'received',
  owned: true,
  digest: 'd',
  isNew: true,
  differences: [{ path: 'priority', wanted: '10', found: '90' }],
}

function report(changes: Partial<ReconcileReport>): ReconcileReport {
  return {
    status: 'drift',
    compared: 2,
    drifts: [],
    missedWebhooks: 0,
    unconfirmed: [],
    unreadable: [],
    resolved: [],
    unmatched: [],
    ...changes,
  }
}

describe('a report for people', () => {
  test('has a line a drift: what, what a webhook said, what to do', () => {
    const drifts: readonly ReportedDrift[] = [
      drift,
      { ...drift, kind: 'missing', webhook: 'awaited', differences: [] },
      { ...drift, kind: 'unknown', webhook: 'missed', owned: false, differences: [] },
    ]
    expect(readableReport(report({ drifts, missedWebhooks: 1 })).split('\n')).toEqual([
      '2 filters compared: 3 drifts',
      '  changed  guard (f-1, ours): priority 10 -> 90; a webhook told of it; --revert puts it back, --adopt keeps it as it is',
      '  missing  guard (f-1, ours): not in the organization; no webhook told of it yet; --revert makes it again, --adopt records it as removed',
      '  unknown  guard (f-1, not ours): live, and not by this ledger; its webhook was missed; --adopt makes it ours as it is',
      '1 webhook was missed: look whether the subscription is there and reaches the receiver (docs/drift.md)',
    ])
  })

  test('says what became of an answer, and what else there is', () => {
    const answer = { result: 'left_alone', message: 'it is not ours', outcomes: [] } as const
    const text = readableReport(
      report({
        drifts: [{ ...drift, answer }],
        unconfirmed: [{ filterId: 'f-2', name: 'second' }],
        unmatched: ['typo'],
      }),
    )
    expect(text).toContain('; left alone: it is not ours')
    expect(text).toContain('not confirmed by a webhook of our own change: second')
    expect(text).toContain('no drift of: typo')
  })

  test('keeps control characters and endless values from the terminal', () => {
    const found = JSON.stringify('x'.repeat(5000))
    const name = 'a\u001b[2Jb\u202e\nc'
    const text = readableReport(
      report({ drifts: [{ ...drift, name, differences: [{ path: 'p', wanted: '', found }] }] }),
    )
    expect(text).toContain('a?[2Jb??c')
    expect(text).toContain('p (none) -> "xxx')
    expect(text.length).toBeLessThan(400)
  })
})
