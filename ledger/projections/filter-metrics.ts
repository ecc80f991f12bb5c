import { asRecord } from '../entry/as-record.ts'
import type { Entry } from '../entry/entry.ts'
import { isOneOf } from '../entry/is-one-of.ts'
import { filterEventOf, isNewer } from './filter-order.ts'
import type { FilterMoment } from './filter-order.ts'
import { toleranceVerdict, wilsonInterval } from '../statistics/wilson.ts'
import type { Interval, ToleranceVerdict } from '../statistics/wilson.ts'

/** What a filter did with what it looked at. */
export const ACTIONS_TAKEN = [
  'blocked',
  'redacted',
  'flagged',
  'passed',
  'error_blocked',
  'bypassed',
] as const
export type ActionTaken = (typeof ACTIONS_TAKEN)[number]

export const VERDICTS = ['true_positive', 'false_positive', 'unclear'] as const
export type Verdict = (typeof VERDICTS)[number]

/** The numbers of one filter. Shares are 0..1; null where nothing can be said yet. */
export interface FilterNumbers {
  readonly filter_id: string
  readonly name: string | null
  readonly version: number | null
  /** `unknown`: blocks were recorded for it, but no event of its own has arrived. */
  readonly state: 'enabled' | 'disabled' | 'deleted' | 'unknown'
  readonly tolerance: number | null
  readonly events: { readonly created: number; readonly updated: number; readonly deleted: number }
  readonly actions: Readonly<Record<ActionTaken, number>>
  /** Blocked or redacted. */
  readonly total_blocks: number
  readonly reviewed: number
  readonly true_positives: number
  readonly false_positives: number
  readonly unclear: number
  /** False positives / (true + false positives), 95 % Wilson interval, among reviewed interventions. */
  readonly false_discovery_proportion: Interval | null
  /** False positives / blocks, reviewed or not: the mission's own definition. */
  readonly false_positive_rate: number | null
  readonly verdict: ToleranceVerdict
}

export interface FilterMetrics {
  /** Feeds one entry. Never throws: what it does not know, it does not count. */
  readonly apply: (entry: Entry) => void
  readonly filters: () => readonly FilterNumbers[]
}

interface Tally {
  name: string | null
  version: number | null
  state: FilterNumbers['state']
  newest: FilterMoment | undefined
  tolerance: number | null
  readonly events: { created: number; updated: number; deleted: number }
  readonly actions: Record<ActionTaken, number>
  readonly verdicts: Record<Verdict, number>
}

interface Intervention {
  readonly filterId: string
  verdict: Verdict | undefined
}

/** Folds filter events, blocks and verdicts into numbers per filter. Rebuilt from the ledger at start-up. */
export function filterMetrics(): FilterMetrics {
  const tallies = new Map<string, Tally>()
  const interventions = new Map<string, Intervention>()

  const tallyOf = (filterId: string): Tally => {
    const known = tallies.get(filterId)
    if (known) return known
    const fresh = emptyTally()
    tallies.set(filterId, fresh)
    return fresh
  }

  const applyBlock = (entry: Entry): void => {
    const { filterId, filterName, actionTaken } = entry.data
    if (typeof filterId !== 'string' || !isOneOf(ACTIONS_TAKEN, actionTaken)) return
    const tally = tallyOf(filterId)
    tally.actions[actionTaken]++
    if (tally.name === null && typeof filterName === 'string') tally.name = filterName
    if (isIntervention(actionTaken)) interventions.set(entry.id, { filterId, verdict: undefined })
  }

  const applyReview = ({ data: { blockId, verdict } }: Entry): void => {
    const intervention = typeof blockId === 'string' ? interventions.get(blockId) : undefined
    if (!intervention || !isOneOf(VERDICTS, verdict)) return
    const { verdicts } = tallyOf(intervention.filterId)
    // A later verdict supersedes; all of them stay in the ledger.
    if (intervention.verdict) verdicts[intervention.verdict]--
    verdicts[verdict]++
    intervention.verdict = verdict
  }

  return {
    apply: (entry) => {
      const event = filterEventOf(entry)
      if (event) applyFilterEvent(tallyOf(event.filterId), event, entry)
      else if (entry.type === 'block.recorded') applyBlock(entry)
      else if (entry.type === 'block.reviewed') applyReview(entry)
    },
    filters: () => [...tallies].map(([filterId, tally]) => numbersOf(filterId, tally)),
  }
}

/** True for what reached neither the model nor the customer as it was. */
export function isIntervention(action: ActionTaken): boolean {
  return action === 'blocked' || action === 'redacted'
}

function applyFilterEvent(tally: Tally, moment: FilterMoment, entry: Entry): void {
  const filter = asRecord(entry.data['filter'])
  if (moment.deleted) tally.events.deleted++
  else tally.events[entry.type === 'filter.created' ? 'created' : 'updated']++
  // Events may arrive out of order: only the newest says how the filter stands.
  if (tally.newest && isNewer(tally.newest, moment)) return
  tally.newest = moment
  tally.name = entry.entity.name ?? tally.name
  tally.version = moment.version ?? tally.version
  tally.state = moment.deleted ? 'deleted' : filter['enabled'] === false ? 'disabled' : 'enabled'
  const tolerance = asRecord(filter['config'])['false_positive_tolerance']
  tally.tolerance = typeof tolerance === 'number' ? tolerance : tally.tolerance
}

function numbersOf(filterId: string, tally: Tally): FilterNumbers {
  const { true_positive: tp, false_positive: fp, unclear } = tally.verdicts
  const blocks = tally.actions.blocked + tally.actions.redacted
  const proportion = wilsonInterval(fp, tp + fp)
  return {
    filter_id: filterId,
    name: tally.name,
    version: tally.version,
    state: tally.state,
    tolerance: tally.tolerance,
    events: { ...tally.events },
    actions: { ...tally.actions },
    total_blocks: blocks,
    reviewed: tp + fp + unclear,
    true_positives: tp,
    false_positives: fp,
    unclear,
    false_discovery_proportion: proportion ?? null,
    false_positive_rate: blocks === 0 ? null : fp / blocks,
    verdict: toleranceVerdict(proportion, tally.tolerance ?? undefined),
  }
}

function emptyTally(): Tally {
  return {
    name: null,
    version: null,
    state: 'unknown',
    newest: undefined,
    tolerance: null,
    events: { created: 0, updated: 0, deleted: 0 },
    actions: { blocked: 0, redacted: 0, flagged: 0, passed: 0, error_blocked: 0, bypassed: 0 },
    verdicts: { true_positive: 0, false_positive: 0, unclear: 0 },
  }
}
