import type { Logger } from 'pino'
import { readAlarm } from '../../actions/alarm/alarm-entry.ts'
import type { RaisedAlarm } from '../../actions/alarm/alarm-entry.ts'
import { alarmStandings } from '../../actions/alarm/alarm-standing.ts'
import { demoteAlarmed } from '../../actions/alarm/demote-alarmed.ts'
import type { DemotionDeps } from '../../actions/alarm/demote-alarmed.ts'
import { raiseAlarms } from '../../actions/alarm/raise-alarms.ts'
import { isSettledStatus } from '../../actions/pipeline/deploy-outcome.ts'
import type { ToldAlarms } from './told-alarms.ts'
import { RETRY_MS } from './watch-alarms.ts'

export interface LookDeps extends Omit<DemotionDeps, 'mayTry'> {
  /** Undefined where nobody is to be told. */
  readonly telling: Telling | undefined
  /** Milliseconds, of any clock that only goes on. */
  readonly clockMs: () => number
  readonly now: () => Date
  readonly log: Logger
}

/** How alarms are told to the outside. */
export interface Telling {
  /** @throws CliError when it was not taken */
  readonly notify: (alarm: RaisedAlarm) => Promise<void>
  readonly told: ToldAlarms
}

/** What is to be tried again, and not before its time. */
interface Waiting {
  readonly mayTry: (key: string) => boolean
  readonly putOff: (key: string) => void
  readonly done: (key: string) => void
  readonly isEmpty: () => boolean
}

/** What is not in force any more, and older than this, is no news. */
const NEWS_MS = 24 * 3_600_000

/**
 * Makes the look that is taken at start and after commits: raises what is due, then tells it and demotes, neither waiting
 * for the other. What fails is logged, and left alone for a while, each by itself.
 *
 * @returns a look; it answers false when something is to be tried again
 */
export function lookForAlarms(deps: LookDeps): () => Promise<boolean> {
  const { log } = deps
  const waiting = waitingList(deps.clockMs)
  return async () => {
    try {
      for (const alarm of await raiseAlarms(deps))
        log.warn(factsOf(alarm), 'a filter is beyond its tolerance')
      await Promise.all([tellAll(deps, waiting), demoteAll(deps, waiting)])
      return waiting.isEmpty()
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'alarms could not be looked after; it is tried again')
      return false
    }
  }
}

function waitingList(clockMs: () => number): Waiting {
  const until = new Map<string, number>()
  return {
    mayTry: (key) => (until.get(key) ?? -Infinity) <= clockMs(),
    putOff: (key) => void until.set(key, clockMs() + RETRY_MS),
    done: (key) => void until.delete(key),
    isEmpty: () => until.size === 0,
  }
}

async function demoteAll(deps: LookDeps, { mayTry, putOff, done }: Waiting): Promise<void> {
  const { log } = deps
  const demote: LookDeps['demote'] = async (order) => {
    // First: it may throw as well.
    putOff(order.requestId)
    const outcome = await deps.demote(order)
    if (isSettledStatus(outcome.status)) done(order.requestId)
    return outcome
  }
  for (const outcome of await demoteAlarmed({ ...deps, demote, mayTry })) {
    const { status, filterId, filterName, message, entryIndex, errorCode } = outcome
    const facts = { filterId, filterName, status, entryIndex }
    if (errorCode === '') log.warn(facts, 'a filter in alarm was demoted: it flags and lets pass')
    else log.error({ ...facts, reason: message }, 'a filter in alarm was not demoted')
  }
}

/** Tells what was not told yet, also by an earlier run that ended too soon. */
async function tellAll(deps: LookDeps, { mayTry, putOff, done }: Waiting): Promise<void> {
  const { telling, log } = deps
  if (!telling) return
  const { notify, told } = telling
  for (const alarm of alarmsToTell(deps, told)) {
    const { entryId, entryIndex } = alarm
    if (!mayTry(entryId)) continue
    try {
      await notify(alarm)
      done(entryId)
    } catch (error) {
      putOff(entryId)
      log.error({ entryIndex, reason: messageOf(error) }, 'an alarm could not be told; it is tried again')
      continue
    }
    try {
      told.add(entryId)
    } catch (error) {
      log.error({ entryIndex, reason: messageOf(error) }, 'the next start will tell this alarm again')
    }
  }
}

function alarmsToTell({ metrics, entryAt, now }: LookDeps, told: ToldAlarms): readonly RaisedAlarm[] {
  const newest = now().getTime() - NEWS_MS
  return alarmStandings(metrics).flatMap(({ raisedIndex, inForce }) => {
    if (raisedIndex === null) return []
    const entry = entryAt(raisedIndex)
    const alarm = entry && readAlarm(entry, { id: entry.id, index: raisedIndex })
    if (!alarm || told.has(alarm.entryId)) return []
    return inForce || Date.parse(alarm.occurredAt) >= newest ? [alarm] : []
  })
}

function factsOf({
  filterId,
  filterName,
  filterVersion,
  tp,
  fp,
  tolerance,
  demotion,
  entryIndex,
}: RaisedAlarm) {
  return { filterId, filterName, filterVersion, tp, fp, tolerance, demotion, entryIndex }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
