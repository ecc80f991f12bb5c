import { parseFilter } from '../../../actions/filter/filter-payload.ts'
import type { PlannedFilter } from '../../../actions/filter/filter-spec.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import type { ReconcileRequest } from '../../../actions/reconcile/reconcile.ts'
import type { Entry, EntryType, JsonObject } from '../../../ledger/entry/entry.ts'
import { filterRecords } from '../../../ledger/projections/filter-records.ts'
import { filterPayload, textMember } from '../../sandbox/sandbox-caller.ts'
import { verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House, HouseOptions } from '../pipeline/pipeline-house.ts'

export const CALL = { timeoutMs: 8000 }
/** After the grace of a webhook. */
export const LATER_MS = 11 * 60_000
export const requester = {
  actor: { type: 'user', id: 'an-operator' },
  reason: 'an incident',
  ticketRef: 'CHG-7',
} as const
const open: House[] = []

export async function house(options: HouseOptions = {}): Promise<House> {
  const opened = await openHouse(options)
  open.push(opened)
  return opened
}

export function planned(name: string, priority: number, changes: object = {}): PlannedFilter {
  const parsed = parseFilter({ ...filterPayload(name), priority, ...changes })
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.violations))
  return { ...parsed.value, priority }
}

/** Made through the pipeline: ours. */
export async function deployed({ pipeline }: House, name: string): Promise<string> {
  const { filterId } = await pipeline.deploy({ payload: filterPayload(name), actor: requester.actor })
  return filterId
}

export async function liveOf({ deps }: House, filterId: string) {
  const live = await deps.port.listFilters(CALL)
  const found = live.find(({ id }) => id === filterId)
  if (!found) throw new TypeError(`${filterId} is not live`)
  return found
}

/** Changed by somebody else, in the organization itself. */
export async function changeOutside(opened: House, filterId: string, priority = 90): Promise<void> {
  const { name } = await liveOf(opened, filterId)
  await opened.deps.port.updateFilter(
    filterId,
    planned(name, priority, { description: 'changed behind our back' }),
    CALL,
  )
}

/** The entry that a webhook would have made. */
export async function webhook({ deps }: House, type: EntryType, filter: JsonObject): Promise<void> {
  await deps.append({
    entry: {
      type,
      actor: { type: 'user', id: 'somebody' },
      entity: { type: 'filter', id: textMember(filter, 'id'), name: textMember(filter, 'name') },
      action: 'update',
      status: 'SUCCESS',
      data: { filter },
    },
  })
}

export const tell = async (opened: House, type: EntryType, filterId: string): Promise<void> =>
  webhook(opened, type, (await liveOf(opened, filterId)).raw as JsonObject)

export const run = ({ deps, pipeline }: House, request: ReconcileRequest = {}, afterMs = 0) =>
  pipelineOperations(deps, pipeline, () => new Date(Date.now() + afterMs)).reconcile(request, requester)

export const driftsOf = (opened: House): readonly Entry[] =>
  opened.entries().filter(({ type }) => type === 'drift.detected')

/** Closes what was opened, after a look at each ledger. */
export async function closeHouses(): Promise<void> {
  for (const opened of open.splice(0)) {
    expect(opened.deps.journal.open()).toEqual([])
    // Read anew, the ledger tells the same of drift as while it grew.
    const again = filterRecords()
    opened.entries().forEach(again.apply)
    expect(again.drifts()).toEqual(opened.deps.records.drifts())
    await opened.close()
    expect(await verifyFile(opened.file)).toMatchObject({ ok: true })
  }
}
