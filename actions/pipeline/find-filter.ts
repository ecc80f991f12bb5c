import type { RemoteFilter } from '../filter/compare-filters.ts'
import { remoteContext } from './carry-out.ts'
import type { PipelineDeps } from './pipeline.ts'
import { refused } from './plan.ts'
import type { Refusal } from './plan.ts'
import { callRemote } from './remote-calls.ts'

export interface FoundFilter {
  readonly kind: 'found'
  readonly filterId: string
  readonly name: string
}

/**
 * The filter that somebody means by a name or an id: one that the ledger knows as live, otherwise one that the
 * organization has.
 *
 * @throws GenesysError when the ledger does not know it and the live filters cannot be read
 */
export async function findFilter(deps: PipelineDeps, nameOrId: string): Promise<FoundFilter | Refusal> {
  const { records } = deps
  const known = [records.get(nameOrId) ?? [], records.byName(nameOrId)]
    .flat()
    .filter(({ deleted }) => !deleted)
  const [only] = known
  if (only && known.length === 1) return { kind: 'found', filterId: only.filterId, name: only.name }
  const context = remoteContext(deps, deps.clock.now())
  const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
  const found = live.filter(({ id, name }) => id === nameOrId || name === nameOrId)
  const [first, second] = found
  if (first && !second) return { kind: 'found', filterId: first.id, name: first.name }
  return second ? ambiguous(nameOrId, found) : unknown(nameOrId, deps)
}

function ambiguous(name: string, found: readonly RemoteFilter[]): Refusal {
  const ids = found.map(({ id }) => id).join(', ')
  return refused('validation', 'filter_ambiguous', `several filters are called ${name}: name one of ${ids}`)
}

function unknown(nameOrId: string, { records }: PipelineDeps): Refusal {
  const [removed] = [records.get(nameOrId) ?? [], records.byName(nameOrId)].flat()
  const removal = removed?.records.findLast(({ deleted }) => deleted)
  const message = removal
    ? `the filter ${nameOrId} was removed (entry ${removal.index}); \`rollback\` makes it again`
    : `there is no filter ${nameOrId}, neither in the organization nor in the ledger`
  return refused('validation', 'filter_unknown', message)
}
