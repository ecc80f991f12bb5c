import type { RemoteFilter } from '../filter/compare-filters.ts'
import { remoteContext } from '../pipeline/carry-out.ts'
import { changeFilter } from '../pipeline/change-filter.ts'
import type { DeployOutcome } from '../pipeline/deploy-outcome.ts'
import type { Pipeline, PipelineDeps } from '../pipeline/pipeline.ts'
import { refused } from '../pipeline/plan.ts'
import type { Refusal } from '../pipeline/plan.ts'
import { callRemote } from '../pipeline/remote-calls.ts'
import { ALARM_ACTOR } from './alarm-entry.ts'
import { categoriesOf, mustBlockReason } from './decide-demotion.ts'

/** The demotion of one filter version. */
export interface DemoteOrder {
  readonly filterId: string
  /** Whose evidence it is; 0: not known. */
  readonly version: number
  readonly mustBlock: readonly string[]
  readonly requestId: string
  readonly reason: string
}

/**
 * Sets a filter in alarm to `flag_and_pass`, as the operation `demote` does. What the ledger has heard may be old, so the
 * live filter is held against the rules once more, and nothing else is changed meanwhile: another version than the alarm's,
 * or a category that must be blocked, is refused, and the refusal is recorded like any other.
 *
 * @throws LedgerError
 */
export function demoteFilter(
  deps: PipelineDeps,
  pipeline: Pipeline,
  { filterId, version, mustBlock, requestId, reason }: DemoteOrder,
): Promise<DeployOutcome> {
  const operation = 'demote'
  const request = {
    actor: ALARM_ACTOR,
    reason,
    operation,
    asked: { name: filterId, version },
    requestId,
  } as const
  return changeFilter(deps, pipeline, request, async () => {
    const context = remoteContext(deps, deps.clock.now())
    const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
    const filter = live.find(({ id }) => id === filterId)
    if (!filter)
      return refused('validation', 'filter_missing', `the filter ${filterId} is not in the organization`)
    const refusal = refusalOf(filter, version, mustBlock)
    return refusal ?? { kind: 'change', operation, filterId, name: filter.name }
  })
}

function refusalOf(filter: RemoteFilter, version: number, mustBlock: readonly string[]): Refusal | undefined {
  if (version > 0 && filter.version !== undefined && filter.version !== version) {
    return refused(
      'conflict',
      'version_changed',
      `the alarm is of version ${version}, and ${filter.version} is in force: its evidence starts anew`,
    )
  }
  const held = mustBlockReason(categoriesOf(filter.raw), mustBlock)
  return held === undefined ? undefined : refused('validation', 'must_block', `not demoted: ${held}`)
}
