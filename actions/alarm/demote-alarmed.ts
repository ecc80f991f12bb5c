import type { DeploymentJournal } from '../../ledger/projections/deployments.ts'
import { isSettled } from '../pipeline/deploy-outcome.ts'
import type { DeployOutcome } from '../pipeline/deploy-outcome.ts'
import { alarmKey } from './alarm-entry.ts'
import { alarmStandings } from './alarm-standing.ts'
import type { AlarmStanding } from './alarm-standing.ts'
import type { DemoteOrder } from './demote-filter.ts'
import { demotionOf } from './raise-alarms.ts'
import type { AlarmDeps } from './raise-alarms.ts'

export interface DemotionDeps extends AlarmDeps {
  readonly journal: Pick<DeploymentJournal, 'byRequestId'>
  /** Carries one demotion out. @throws LedgerError */
  readonly demote: (order: DemoteOrder) => Promise<DeployOutcome>
  /** False for one that failed a moment ago and is to wait. */
  readonly mayTry: (key: string) => boolean
}

/** The `requestId` under which the pipeline knows the demotion of a version: that is how it is remembered. */
export function demotionRequestId(version: Pick<AlarmStanding, 'filterId' | 'version'>): string {
  return `alarm/${alarmKey(version)}`
}

/**
 * Demotes what is in alarm and whose evidence carries it, as everything stands now: also what was withheld when the alarm
 * was raised, and what failed before. What was settled is not asked for again.
 *
 * @returns what became of those that were asked for
 * @throws LedgerError
 */
export async function demoteAlarmed(deps: DemotionDeps): Promise<readonly DeployOutcome[]> {
  if (!deps.policy.enabled) return []
  const outcomes: DeployOutcome[] = []
  for (const standing of alarmStandings(deps.metrics)) {
    if (!standing.inAlarm || standing.raisedIndex === null) continue
    const requestId = demotionRequestId(standing)
    const earlier = deps.journal.byRequestId(requestId)
    if ((earlier && isSettled(earlier)) || !deps.mayTry(requestId)) continue
    if (demotionOf(deps, standing).demotion !== 'asked') continue
    outcomes.push(await deps.demote({ ...orderOf(standing), mustBlock: deps.policy.mustBlock, requestId }))
  }
  return outcomes
}

function orderOf(standing: AlarmStanding): Pick<DemoteOrder, 'filterId' | 'version' | 'reason'> {
  const { filterId, version, alarmTp, alarmFp, tolerance, raisedIndex } = standing
  const reviewed = alarmTp + alarmFp
  return {
    filterId,
    version,
    reason: `alarm ${raisedIndex ?? ''}: ${alarmFp} of ${reviewed} reviewed interventions of version ${version} were wrong; the tolerance is ${tolerance ?? 'none'}`,
  }
}
