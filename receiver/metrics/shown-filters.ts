import type { MetricFilter } from '../../ledger/metrics/metrics-reader.ts'

/** Filter ids come from senders: so many have series of their own, the rest is added up. */
export const MAX_FILTERS = 200
/** Where the rest is added up; also what a filter of that id is shown as. */
export const OTHER = 'other'

const MAX_LABEL = 256
/** Those that an organization has come first: whoever makes ids up pushes none of them out. */
const RANK: Readonly<Record<MetricFilter['state'], number>> = {
  enabled: 0,
  disabled: 1,
  deleted: 2,
  unknown: 3,
}

/** The filters that have series of their own, in the order of their ids within each state. */
export function shownFilters(filters: readonly MetricFilter[]): readonly MetricFilter[] {
  const byRank = [...filters].sort((a, b) => RANK[a.state] - RANK[b.state])
  return byRank.slice(0, MAX_FILTERS)
}

/** A sender's text as a label's value: bounded, and no character that the wire or a terminal trips over. */
export function labelText(text: string): string {
  // Prometheus escapes a line feed itself. Halves of a character would make two names one on the wire.
  return text
    .slice(0, MAX_LABEL)
    .toWellFormed()
    .replace(/(?!\n)\p{Cc}/gu, '\ufffd')
}
