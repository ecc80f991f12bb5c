import { readAlarm } from '../../actions/alarm/alarm-entry.ts'
import { alarmStandings } from '../../actions/alarm/alarm-standing.ts'
import type { AlarmStanding } from '../../actions/alarm/alarm-standing.ts'
import { demotionRequestId } from '../../actions/alarm/demote-alarmed.ts'
import { deploymentJournal } from '../../ledger/projections/deployments.ts'
import type { Deployment, DeploymentJournal } from '../../ledger/projections/deployments.ts'
import { stateEntriesAtHand } from '../../ledger/metrics/state-entries.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { Entry } from '../../ledger/entry/entry.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'

/**
 * What came of an alarm. `none`: there is no alarm entry. `off`, `withheld`, `asked`: as it was decided with the alarm. The
 * others: what the pipeline made of it since.
 */
export interface ToldDemotion {
  readonly state: 'none' | 'off' | 'withheld' | 'asked' | 'done' | 'refused' | 'failed'
  /** Why not, or what failed. */
  readonly reason: string | null
  /** The entry that says so. */
  readonly entryIndex: number | null
}

/** A filter version with evidence. */
export interface AlarmLine {
  readonly filterId: string
  readonly filterName: string | null
  readonly filterVersion: number
  readonly inForce: boolean
  readonly tolerance: number | null
  readonly tp: number
  readonly fp: number
  /** Null without a tolerance. */
  readonly eValue: number | null
  /** As a share of the alarm line; null without a tolerance. */
  readonly budgetUsed: number | null
  readonly alarm: boolean
  /** The entry whose verdict reached the alarm line. */
  readonly crossedIndex: number | null
  /** The entry `alarm.raised`. */
  readonly raisedIndex: number | null
  readonly demotion: ToldDemotion
}

/** Every filter version that has verdicts, or is in alarm, read beside whoever writes. @throws LedgerError */
export async function readAlarms(file: string): Promise<readonly AlarmLine[]> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const standings = alarmStandings(reader.metrics).filter(
      ({ alarmTp, alarmFp, inAlarm }) => alarmTp + alarmFp > 0 || inAlarm,
    )
    const journal = deploymentJournal()
    if (standings.some(({ inAlarm }) => inAlarm))
      for (const { index, entry } of stateEntriesAtHand(reader, reader.metrics)) journal.apply(entry, index)
    return standings.map((standing) => lineOf(standing, toldDemotion(standing, journal, reader)))
  } finally {
    await reader.close()
  }
}

function lineOf(standing: AlarmStanding, demotion: ToldDemotion): AlarmLine {
  const { filterId, filterName, version, inForce, tolerance, alarmTp, alarmFp, logE } = standing
  const { budgetUsed, inAlarm, crossedIndex, raisedIndex } = standing
  return {
    filterId,
    filterName,
    filterVersion: version,
    ...{ inForce, tolerance },
    tp: alarmTp,
    fp: alarmFp,
    eValue: logE === null ? null : Math.exp(logE),
    budgetUsed,
    alarm: inAlarm,
    ...{ crossedIndex, raisedIndex, demotion },
  }
}

function toldDemotion(
  standing: AlarmStanding,
  journal: DeploymentJournal,
  reader: Pick<EntryReader, 'at'>,
): ToldDemotion {
  const { raisedIndex } = standing
  if (raisedIndex === null) return { state: 'none', reason: null, entryIndex: null }
  const deployment = journal.byRequestId(demotionRequestId(standing))
  if (deployment && deployment.state !== 'open') return ofDeployment(deployment)
  const entry = entryAt(reader, raisedIndex)
  const alarm = entry && readAlarm(entry, { id: entry.id, index: raisedIndex })
  return {
    state: deployment ? 'asked' : (alarm?.demotion ?? 'none'),
    reason: deployment ? null : (alarm?.reason ?? null),
    entryIndex: raisedIndex,
  }
}

function ofDeployment({ state, outcome, entryIndex }: Deployment): ToldDemotion {
  const { message } = outcome
  const reason = typeof message === 'string' ? message : null
  if (state === 'registered' || state === 'unchanged') return { state: 'done', reason: null, entryIndex }
  return { state: state === 'rejected' ? 'refused' : 'failed', reason, entryIndex }
}

/** Undefined for what is in an archive that is away. */
function entryAt(reader: Pick<EntryReader, 'at'>, index: number): Entry | undefined {
  try {
    const stored = reader.at(index)
    return stored && (JSON.parse(stored.text) as Entry)
  } catch (error) {
    if (error instanceof LedgerError) return undefined
    throw error
  }
}
