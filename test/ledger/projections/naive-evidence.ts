import { asRecord } from '../../../ledger/entry/as-record.ts'
import type { Entry } from '../../../ledger/entry/entry.ts'

type Side = 'wouldIntervene' | 'interventions'
type Counts = Record<Side, { tp: number; fp: number; unclear: number }>

/** `?`: told, and not what. `=`: told that nothing of it has changed. */
type Told = number | '?' | '='

interface State {
  readonly instant: number
  readonly version: number
  readonly deleted: boolean
  readonly told: Told
}

/**
 * The definition, from scratch and without digests: what reviewers found of a filter while its toxicity threshold was
 * this one; with undefined, while nobody knows which it was.
 */
export function naiveCounts(
  history: readonly Entry[],
  filterId: string,
  toxicity: number | undefined,
): Counts {
  const counts: Counts = {
    wouldIntervene: { tp: 0, fp: 0, unclear: 0 },
    interventions: { tp: 0, fp: 0, unclear: 0 },
  }
  const states = statesOf(history, filterId)
  for (const block of history) {
    if (block.type !== 'block.recorded' || block.data['filterId'] !== filterId) continue
    const verdict = history
      .filter(({ type, data }) => type === 'block.reviewed' && data['blockId'] === block.id)
      .at(-1)?.data['verdict']
    const { filterVersion, actionTaken } = block.data
    const own =
      typeof filterVersion === 'number'
        ? thresholdOfVersion(states, filterVersion)
        : thresholdAt(states, Date.parse(block.occurredAt))
    if (verdict === undefined || own !== toxicity || actionTaken === 'passed') continue
    const side = counts[actionTaken === 'flagged' ? 'wouldIntervene' : 'interventions']
    if (verdict === 'true_positive') side.tp++
    if (verdict === 'false_positive') side.fp++
    if (verdict === 'unclear') side.unclear++
  }
  return counts
}

function statesOf(history: readonly Entry[], filterId: string): readonly State[] {
  const types = ['filter.created', 'filter.updated', 'filter.deleted', 'deployment.registered']
  return history
    .filter(({ type, entity }) => types.includes(type) && entity.id === filterId)
    .map(({ type, occurredAt, data, propertyChanges }): State => {
      const filter = asRecord(data['filter'])
      const threshold = asRecord(asRecord(filter['config'])['thresholds'])['toxicity']
      const keeps =
        type === 'filter.created' || propertyChanges?.every(({ property }) => property === 'enabled')
      return {
        instant: Date.parse(occurredAt),
        version: typeof filter['version'] === 'number' ? filter['version'] : -1,
        deleted: type === 'filter.deleted',
        told: typeof threshold === 'number' ? threshold : keeps ? '=' : '?',
      }
    })
}

function thresholdOfVersion(states: readonly State[], version: number): number | undefined {
  return agreed(states.filter((state) => state.version === version))
}

function thresholdAt(
  all: readonly State[],
  instant: number,
  states: readonly State[] = all,
): number | undefined {
  const until = states.filter((state) => state.instant <= instant)
  // Nothing that a higher version came before.
  const valid = until.filter(
    (state) =>
      state.deleted ||
      state.version === -1 ||
      !until.some((other) => other.version > state.version && isBefore(other, state)),
  )
  const last = valid.filter((state) => !valid.some((other) => isBefore(state, other)))
  const [one] = last
  if (!one || one.deleted) return undefined
  const tellsIt = one.version === -1 ? last : all.filter(({ version }) => version === one.version)
  if (tellsIt.some(({ told }) => typeof told === 'number')) return agreed(tellsIt)
  if (last.some(({ told }) => told === '?')) return undefined
  const earlier = states.filter((state) => isBefore(state, one))
  return thresholdAt(all, instant, earlier)
}

function isBefore(a: State, b: State): boolean {
  if (a.instant !== b.instant) return a.instant < b.instant
  if (a.version !== b.version) return a.version < b.version
  return !a.deleted && b.deleted
}

/** What all that tell it tell alike. */
function agreed(states: readonly State[]): number | undefined {
  const thresholds = states.flatMap(({ told }) => (typeof told === 'number' ? [told] : []))
  return thresholds.every((each) => each === thresholds[0]) ? thresholds[0] : undefined
}
