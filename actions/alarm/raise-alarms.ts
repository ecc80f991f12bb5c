import type { Append } from '../../ledger/entry/entry.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { lastKnown } from '../pipeline/known-state.ts'
import type { KnownState } from '../pipeline/known-state.ts'
import { alarmSubmission, readAlarm } from './alarm-entry.ts'
import type { RaisedAlarm } from './alarm-entry.ts'
import { alarmStandings, watchedFilters } from './alarm-standing.ts'
import type { AlarmStanding } from './alarm-standing.ts'
import { categoriesOf, decideDemotion } from './decide-demotion.ts'
import type { DemotionDecision, DemotionPolicy } from './decide-demotion.ts'

export interface AlarmDeps extends KnownState {
  readonly metrics: Pick<MetricsReader, 'filters' | 'versions'>
  readonly append: Append
  readonly policy: DemotionPolicy
}

/**
 * Raises what is due: every filter version that reached the alarm line and has no `alarm.raised` entry gets one. Which
 * versions those are stands in the ledger's own tables, so nothing is lost by a stop at any point, and nothing is raised
 * twice.
 *
 * @returns the alarms that were not there before
 * @throws LedgerError
 */
export async function raiseAlarms(deps: AlarmDeps): Promise<readonly RaisedAlarm[]> {
  const raised: RaisedAlarm[] = []
  for (const standing of alarmStandings(deps.metrics)) {
    if (standing.raisedIndex !== null) continue
    const submission = alarmSubmission(standing, demotionOf(deps, standing))
    if (!submission) continue
    const receipt = await deps.append(submission)
    const entry = { ...submission.entry, occurredAt: receipt.recordedAt }
    const alarm = receipt.duplicate ? undefined : readAlarm(entry, receipt)
    if (alarm) raised.push(alarm)
  }
  return raised
}

/** What is decided, as everything stands now, on demoting a version in alarm. */
export function demotionOf(deps: AlarmDeps, standing: AlarmStanding): DemotionDecision {
  const known = lastKnown(deps, standing.filterId)
  return decideDemotion(
    { standing, categories: known && categoriesOf(known), watched: watchedFilters(deps.metrics) },
    deps.policy,
  )
}
