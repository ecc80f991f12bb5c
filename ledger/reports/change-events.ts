import type { Entry, EntryType, Json } from '../entry/entry.ts'
import { STATE_TYPES } from '../metrics/projector.ts'
import type { EntryReader } from '../store/entry-reader.ts'
import { filterIdOf } from '../projections/filter-records.ts'
import { dataColumn, isAsked, leafHashColumn, plainCell, seqColumn } from './entry-columns.ts'
import type { OfEntry } from './entry-columns.ts'
import { filterVersions } from './filter-versions.ts'
import type { VersionStep } from './filter-versions.ts'
import { recall } from './recall.ts'
import { cellsOf, column } from './report.ts'
import type { ColumnOf, Report } from './report.ts'
import { scanPages } from './scan-pages.ts'

interface ChangeRow extends OfEntry {
  readonly versions: VersionStep
  readonly request: Request | undefined
  /** Of the entry whose content a rollback put back. */
  readonly rollbackOf: string | undefined
}

/** Who asked for a deployment, and when. */
interface Request {
  readonly by: string | undefined
  readonly at: string
}

/** Deployments under way that are remembered. */
const MAX_REQUESTS = 10_000

const FAILED: ReadonlySet<EntryType> = new Set<EntryType>([
  'deployment.rejected',
  'deployment.failed',
  'deployment.compensated',
  'deployment.stranded',
])

const COLUMNS: readonly ColumnOf<ChangeRow>[] = [
  seqColumn,
  column('event_id', '/id', ({ placed }) => placed.entry.id),
  column('occurred_at', '/occurredAt', ({ placed }) => placed.entry.occurredAt),
  column('recorded_at', '/recordedAt', ({ placed }) => placed.entry.recordedAt),
  column('environment', '/environment', ({ placed }) => placed.entry.environment),
  column('org_id', '/organizationId', ({ placed }) => placed.entry.organizationId),
  column('actor_type', '/actor/type', ({ placed }) => placed.entry.actor.type),
  column('actor_id', '/actor/id', ({ placed }) => placed.entry.actor.id),
  column('actor_display', '/actor/name; never of a user', ({ placed }) => placed.entry.actor.name),
  column('action', '/action; what a deployment came to, where it says', ({ placed }) =>
    actionOf(placed.entry),
  ),
  column('filter_id', '/data/filterId, else /entity/id', ({ placed }) => filterIdOf(placed.entry)),
  column('filter_name', '/entity/name', ({ placed }) => placed.entry.entity.name),
  column(
    'filter_version_before',
    'the highest version below, of those that earlier entries tell of',
    ({ versions }) => versions.before,
  ),
  column('filter_version_after', '/data/filter/version', ({ versions }) => versions.after),
  column('property_changes', '/propertyChanges', ({ placed }) => changesOf(placed.entry)),
  dataColumn('reason', 'reason'),
  dataColumn('ticket_ref', 'ticketRef'),
  column(
    'requested_by',
    'the actor of the deployment, or on whose behalf it acted',
    ({ request }) => request?.by,
  ),
  column('requested_at', '/recordedAt of deployment.requested', ({ request }) => request?.at),
  column('emergency', '/data/breakGlass of promotion.decided', ({ placed }) => emergencyOf(placed.entry)),
  column('shadow_evidence_id', '/data/evidenceDigest of promotion.decided', ({ placed }) =>
    plainCell(placed.entry.data['evidenceDigest']),
  ),
  dataColumn('plan_hash', 'planId'),
  column('idempotency_key', '/data/requestId, else /data/eventId', ({ placed }) =>
    plainCell(placed.entry.data['requestId'] ?? placed.entry.data['eventId']),
  ),
  column('api_request_id', '/correlationId', ({ placed }) => placed.entry.correlationId),
  column('result', '/status and /type', ({ placed }) => resultOf(placed.entry)),
  dataColumn('error_class', 'errorClass'),
  dataColumn('duration_ms', 'latencyMs'),
  column(
    'rollback_of_event_id',
    'the entry that the content was taken from: the first of /data/rollback/entryIndexes',
    ({ rollbackOf }) => rollbackOf,
  ),
  leafHashColumn,
  column('entry_type', '/type', ({ placed }) => placed.entry.type),
  dataColumn('deployment_id', 'deploymentId'),
]

/** Who changed which filter, and how: a row an entry that tells of it. */
export const changeEvents: Report = {
  name: 'change-events',
  columns: COLUMNS,
  ofMetrics: false,
  *pages({ reader, size }, query) {
    const stepOf = filterVersions()
    const requestOf = requests()
    // From the beginning: versions and requests are told before what follows from them.
    for (const page of scanPages(reader, STATE_TYPES, { from: 0, to: Math.min(query.to ?? size, size) }))
      yield page.flatMap((placed) => {
        const { index, entry } = placed
        const facts = { placed, versions: stepOf(entry), request: requestOf(entry) }
        if (!isAsked(placed, query)) return []
        return { seq: index, cells: cellsOf(COLUMNS, { ...facts, rollbackOf: rollbackOf(entry, reader) }) }
      })
  },
}

/** Follows deployments from their request on. */
function requests(): (entry: Entry) => Request | undefined {
  const open = recall<Request>(MAX_REQUESTS)
  return ({ type, actor, recordedAt, data: { deploymentId } }) => {
    if (typeof deploymentId !== 'string') return undefined
    const by = actor.onBehalfOf ?? actor.id
    if (type === 'deployment.requested') open.set(deploymentId, { by, at: recordedAt })
    return open.get(deploymentId)
  }
}

const CHANGED: Readonly<Record<string, string>> = {
  created: 'create',
  updated: 'update',
  deleted: 'delete',
  imported: 'import',
}

/** The house's own word where an auditor's list has none: deploy, demote, promote, drift. */
function actionOf({ type, action, data: { change, breakGlass } }: Entry): string {
  if (type === 'drift.detected') return 'drift'
  if (action === 'revert') return 'drift_revert'
  if (action === 'promote' && breakGlass === true) return 'break_glass'
  if (action === 'deploy' && typeof change === 'string') return CHANGED[change] ?? action
  return action
}

function changesOf({ propertyChanges }: Entry): string | undefined {
  if (!propertyChanges) return undefined
  return JSON.stringify(
    propertyChanges.map(({ property, oldValues, newValues }) => ({
      property,
      old: oldValues,
      new: newValues,
    })),
  )
}

function emergencyOf({ type, data }: Entry): boolean | undefined {
  return type === 'promotion.decided' ? data['breakGlass'] === true : undefined
}

/** Nothing yet of what was only asked for, and nothing of a drift: it is neither. */
function resultOf({ type, status }: Entry): string | undefined {
  if (type === 'deployment.requested' || type === 'drift.detected') return undefined
  return FAILED.has(type) || status === 'FAILURE' ? 'failure' : 'success'
}

function rollbackOf({ data: { rollback } }: Entry, reader: Pick<EntryReader, 'at'>): string | undefined {
  const index = firstIndexOf(rollback)
  const text = index === undefined ? undefined : reader.at(index)?.text
  return text === undefined ? undefined : (JSON.parse(text) as Entry).id
}

function firstIndexOf(rollback: Json | undefined): number | undefined {
  if (typeof rollback !== 'object' || rollback === null || !('entryIndexes' in rollback)) return undefined
  const { entryIndexes } = rollback
  const first: unknown = Array.isArray(entryIndexes) ? entryIndexes[0] : undefined
  return typeof first === 'number' ? first : undefined
}
