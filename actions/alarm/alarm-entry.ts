import { createHash } from 'node:crypto'
import type { Entry, JsonObject, Receipt, Submission } from '../../ledger/entry/entry.ts'
import { ALPHA } from '../../ledger/statistics/e-process.ts'
import type { AlarmStanding } from './alarm-standing.ts'
import type { DemotionDecision } from './decide-demotion.ts'

/** An alarm as its entry tells it. */
export interface RaisedAlarm {
  readonly filterId: string
  readonly filterName: string | null
  readonly filterVersion: number
  readonly tolerance: number
  readonly alpha: number
  readonly tp: number
  readonly fp: number
  readonly logE: number
  /** A share of the alarm line. */
  readonly budgetUsed: number
  readonly crossedIndex: number
  /** As it was decided when the alarm was raised. */
  readonly demotion: DemotionDecision['demotion']
  readonly reason: string | null
  readonly entryIndex: number
  readonly entryId: string
  /** RFC 3339, UTC. */
  readonly occurredAt: string
}

export const ALARM_ACTOR = { type: 'system', id: 'filter-ledger' } as const

/** What a version that reached the line is called, wherever something is to happen once for it. */
export function alarmKey({ filterId, version }: Pick<AlarmStanding, 'filterId' | 'version'>): string {
  return `${filterId}/${version}`
}

/**
 * The entry of an alarm. It is stored once for a filter version: the hash is of its key, not of the counts, which may have
 * grown before a second try. Undefined for a version that has not reached the line.
 */
export function alarmSubmission(standing: AlarmStanding, decision: DemotionDecision): Submission | undefined {
  const { filterId, filterName, version, tolerance, alarmTp, alarmFp, logE, budgetUsed, crossedIndex } =
    standing
  if (crossedIndex === null || tolerance === null || logE === null || budgetUsed === null) return undefined
  const data: JsonObject = {
    filterId,
    filterVersion: version,
    tolerance,
    alpha: ALPHA,
    tp: alarmTp,
    fp: alarmFp,
    logE,
    budgetUsed,
    crossedIndex,
    ...decision,
  }
  const eventId = alarmKey(standing)
  return {
    entry: {
      type: 'alarm.raised',
      actor: ALARM_ACTOR,
      entity: { type: 'filter', id: filterId, ...(filterName !== null && { name: filterName }) },
      action: 'raise-alarm',
      status: 'WARNING',
      data,
    },
    dedupe: { source: 'alarm', eventId, bodyHash: createHash('sha256').update(eventId).digest('hex') },
  }
}

/** Reads an alarm back; undefined for an entry that is none. */
export function readAlarm(
  entry: Pick<Entry, 'type' | 'data' | 'entity' | 'occurredAt'>,
  { id, index }: Pick<Receipt, 'id' | 'index'>,
): RaisedAlarm | undefined {
  if (entry.type !== 'alarm.raised') return undefined
  const { data } = entry
  const number = (name: string): number => (typeof data[name] === 'number' ? data[name] : 0)
  const { filterId, demotion, reason } = data
  return {
    filterId: typeof filterId === 'string' ? filterId : '',
    filterName: entry.entity.name ?? null,
    filterVersion: number('filterVersion'),
    tolerance: number('tolerance'),
    alpha: number('alpha'),
    tp: number('tp'),
    fp: number('fp'),
    logE: number('logE'),
    budgetUsed: number('budgetUsed'),
    crossedIndex: number('crossedIndex'),
    demotion: demotion === 'asked' || demotion === 'withheld' ? demotion : 'off',
    reason: typeof reason === 'string' ? reason : null,
    entryIndex: index,
    entryId: id,
    occurredAt: entry.occurredAt,
  }
}
