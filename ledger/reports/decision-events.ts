import { asRecord } from '../entry/as-record.ts'
import type { Entry, EntryType } from '../entry/entry.ts'
import { filterIdOf } from '../projections/filter-records.ts'
import { versionOf } from '../projections/filter-order.ts'
import { dataColumn, isAsked, leafHashColumn, seqColumn } from './entry-columns.ts'
import type { OfEntry } from './entry-columns.ts'
import { recall } from './recall.ts'
import { cellsOf, column } from './report.ts'
import type { ColumnOf, Report } from './report.ts'
import { scanPages } from './scan-pages.ts'

interface DecisionRow extends OfEntry {
  readonly actionConfigured: string | undefined
}

/** Versions of filters whose block action is remembered. */
const MAX_VERSIONS = 10_000

const TYPES: ReadonlySet<EntryType> = new Set<EntryType>([
  'block.recorded',
  'filter.created',
  'filter.updated',
  'deployment.registered',
  'deployment.unchanged',
])

const COLUMNS: readonly ColumnOf<DecisionRow>[] = [
  seqColumn,
  column('decision_id', '/id', ({ placed }) => placed.entry.id),
  column('occurred_at', '/occurredAt', ({ placed }) => placed.entry.occurredAt),
  column('received_at', '/recordedAt', ({ placed }) => placed.entry.recordedAt),
  column('environment', '/environment', ({ placed }) => placed.entry.environment),
  column('org_id', '/organizationId', ({ placed }) => placed.entry.organizationId),
  dataColumn('filter_id', 'filterId'),
  dataColumn('filter_version', 'filterVersion'),
  dataColumn('category', 'category'),
  dataColumn('score', 'score'),
  dataColumn('threshold', 'threshold'),
  column(
    'action_configured',
    'config.block_action of that version, as an earlier entry tells it',
    ({ actionConfigured }) => actionConfigured,
  ),
  dataColumn('action_taken', 'actionTaken'),
  dataColumn('direction', 'direction'),
  dataColumn('channel', 'channel'),
  dataColumn('queue_id', 'queueId'),
  dataColumn('language', 'language'),
  dataColumn('conversation_ref_hmac', 'conversationRef'),
  column('content_stored', 'always false: no text enters the ledger', () => false),
  leafHashColumn,
  dataColumn('content_ref', 'contentRef'),
  dataColumn('sample_rate', 'sampleRate'),
]

/** What filters did: a row a `block.recorded` entry. */
export const decisionEvents: Report = {
  name: 'decision-events',
  columns: COLUMNS,
  ofMetrics: false,
  *pages({ reader, size }, query) {
    const configured = recall<string>(MAX_VERSIONS)
    // From the beginning: what a version was configured to do is told before its decisions.
    for (const page of scanPages(reader, TYPES, { from: 0, to: Math.min(query.to ?? size, size) }))
      yield page.flatMap((placed) => {
        const { index, entry } = placed
        if (entry.type !== 'block.recorded') {
          remember(configured, entry)
          return []
        }
        if (!isAsked(placed, query)) return []
        const filterId = filterIdOf(entry) ?? ''
        const actionConfigured = configured.get(keyOf(filterId, Number(entry.data['filterVersion'])))
        return { seq: index, cells: cellsOf(COLUMNS, { placed, actionConfigured }) }
      })
  },
}

function remember(configured: { set: (key: string, value: string) => void }, entry: Entry): void {
  const filterId = filterIdOf(entry)
  const version = versionOf(entry.data['filter'])
  const { block_action: action } = asRecord(asRecord(entry.data['filter'])['config'])
  if (filterId !== undefined && version !== undefined && typeof action === 'string')
    configured.set(keyOf(filterId, version), action)
}

function keyOf(filterId: string, version: number): string {
  return `${version}\0${filterId}`
}
