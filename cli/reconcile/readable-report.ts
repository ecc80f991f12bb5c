import type { ReconcileReport, ReportedDrift } from '../../actions/reconcile/reconcile.ts'
import { printable } from '../webhook/printable.ts'

const MAX_VALUE = 60

/** The report for a person: a drift a line, then what else there is to know. Names and values may be hostile. */
export function readableReport(report: ReconcileReport): string {
  const { compared, drifts, missedWebhooks, unconfirmed, unreadable, resolved, unmatched } = report
  const count = drifts.length === 1 ? '1 drift' : `${drifts.length === 0 ? 'no' : drifts.length} drifts`
  const lines = [
    `${compared} filter${compared === 1 ? '' : 's'} compared: ${count}`,
    ...drifts.map((drift) => `  ${driftLine(drift)}`),
    ...listed('no drift any more', resolved),
    ...listed('not confirmed by a webhook of our own change', unconfirmed),
    ...listed('not compared, since no entry that can be read says how it is to be', unreadable),
    ...(unmatched.length > 0 ? [`no drift of: ${unmatched.map(shown).join(', ')}`] : []),
  ]
  if (missedWebhooks > 0) {
    const what = missedWebhooks === 1 ? '1 webhook was missed' : `${missedWebhooks} webhooks were missed`
    lines.push(`${what}: look whether the subscription is there and reaches the receiver (docs/drift.md)`)
  }
  return lines.join('\n')
}

function driftLine(drift: ReportedDrift): string {
  const { kind, name, filterId, owned } = drift
  const whose = owned ? 'ours' : 'not ours'
  const who = `${name === '' ? '(no name)' : shown(name)} (${shown(filterId)}, ${whose})`
  return `${kind}  ${who}: ${[whatOf(drift), WEBHOOKS[drift.webhook], nextOf(drift)].join('; ')}`
}

function whatOf({ kind, differences }: ReportedDrift): string {
  if (kind === 'missing') return 'not in the organization'
  if (kind === 'unknown') return 'live, and not by this ledger'
  return differences
    .map(({ path, wanted, found }) => `${shown(path)} ${value(wanted)} -> ${value(found)}`)
    .join(', ')
}

const WEBHOOKS: Readonly<Record<ReportedDrift['webhook'], string>> = {
  received: 'a webhook told of it',
  awaited: 'no webhook told of it yet',
  missed: 'its webhook was missed',
}

function nextOf({ kind, owned, answer }: ReportedDrift): string {
  if (answer) {
    const entries = answer.outcomes.map(({ status, entryIndex }) => `${status} [entry ${entryIndex}]`)
    if (answer.result === 'answered') return `answered: ${entries.join(', ')}`
    return `${answer.result === 'failed' ? 'FAILED' : 'left alone'}: ${answer.message}`
  }
  if (kind === 'unknown' || !owned)
    return kind === 'missing' ? '--adopt records it as removed' : '--adopt makes it ours as it is'
  if (kind === 'missing') return '--revert makes it again, --adopt records it as removed'
  return '--revert puts it back, --adopt keeps it as it is'
}

function listed(what: string, filters: ReconcileReport['resolved']): readonly string[] {
  return filters.map(({ name, filterId }) => `${what}: ${shown(name || filterId)}`)
}

function value(text: string): string {
  return text === '' ? '(none)' : shown(text)
}

function shown(text: string): string {
  const safe = printable(text)
  return safe.length > MAX_VALUE ? `${safe.slice(0, MAX_VALUE)}…` : safe
}
