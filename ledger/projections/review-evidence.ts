import type { Entry } from '../entry/entry.ts'
import { VERDICTS } from './filter-metrics.ts'
import type { Verdict } from './filter-metrics.ts'
import { versionOf } from './filter-order.ts'
import { filterTimeline, tellingOf } from './filter-timeline.ts'
import type { FilterTimeline, Telling } from './filter-timeline.ts'

/** Reviewed facts by their latest verdict. Unclear ones are no evidence for either side. */
export interface ReviewCounts {
  readonly tp: number
  readonly fp: number
  readonly unclear: number
}

export interface ReviewedFacts {
  /** `flagged`: what `flag_and_pass` let through and another action would not have. */
  readonly wouldIntervene: ReviewCounts
  /** `blocked` and `redacted`. */
  readonly interventions: ReviewCounts
}

/** What reviewers found of one filter, as long as what decides its findings was the same. */
export interface FilterEvidence extends ReviewedFacts {
  readonly filterId: string
  /** See `evidenceDigest`. */
  readonly digest: string
  /** The versions that are known to have it, ascending; empty when the sender counts none. */
  readonly versions: readonly number[]
}

export interface ReviewEvidence {
  /** Feeds one entry. Never throws: what it does not know, it does not count. */
  readonly apply: (entry: Entry) => void
  /** What holds for a filter with this digest; all counts are 0 where nothing was reviewed. */
  readonly of: (filterId: string, digest: string) => FilterEvidence
  /** One for each digest that the filter was told to have, oldest first. */
  readonly all: (filterId: string) => readonly FilterEvidence[]
  /** Reviewed, but nobody knows under which digest: they count nowhere. */
  readonly unattributed: (filterId: string) => ReviewedFacts
}

/** One small record for each block that may be reviewed. */
interface Fact {
  readonly filterId: string
  readonly side: keyof ReviewedFacts
  /** As its sender told it. */
  readonly version: number | undefined
  readonly occurredAt: string
  verdict: Verdict | undefined
}

interface Known {
  readonly tellings: Telling[]
  readonly reviewed: Set<Fact>
  /** Made when it is asked for, forgotten when more is told. */
  timeline: FilterTimeline | undefined
}

/**
 * Folds blocks, verdicts and what is told of filters into reviewed evidence. A block belongs to the version that its
 * sender named, otherwise to what was in force when it occurred. As entries may come in any order, that is decided
 * when it is asked for. Rebuilt from the ledger at start-up.
 */
export function reviewEvidence(): ReviewEvidence {
  const filters = new Map<string, Known>()
  const facts = new Map<string, Fact>()

  const knownOf = (filterId: string): Known => {
    const known = filters.get(filterId) ?? { tellings: [], reviewed: new Set(), timeline: undefined }
    filters.set(filterId, known)
    return known
  }

  const applyReview = ({ data: { blockId, verdict } }: Entry): void => {
    const fact = typeof blockId === 'string' ? facts.get(blockId) : undefined
    const found = VERDICTS.find((each) => each === verdict)
    if (!fact || !found) return
    // A later verdict supersedes; all of them stay in the ledger.
    fact.verdict = found
    knownOf(fact.filterId).reviewed.add(fact)
  }

  const evidenceOf = (filterId: string, digest: string): FilterEvidence => {
    const known = filters.get(filterId)
    const versions = (known && timelineOf(known).digests.get(digest)) ?? []
    return { filterId, digest, versions, ...countsOf(known, digest) }
  }

  return {
    apply: (entry) => {
      const telling = tellingOf(entry)
      if (telling) tell(knownOf(telling.filterId), telling)
      else if (entry.type === 'block.reviewed') applyReview(entry)
      else if (entry.type === 'block.recorded') {
        const fact = factOf(entry)
        if (fact) facts.set(entry.id, fact)
      }
    },
    of: evidenceOf,
    all: (filterId) => {
      const known = filters.get(filterId)
      return known ? [...timelineOf(known).digests.keys()].map((digest) => evidenceOf(filterId, digest)) : []
    },
    unattributed: (filterId) => countsOf(filters.get(filterId), undefined),
  }
}

function factOf({ data, occurredAt }: Entry): Fact | undefined {
  const { filterId, actionTaken, filterVersion } = data
  if (typeof filterId !== 'string') return undefined
  const intervened = actionTaken === 'blocked' || actionTaken === 'redacted'
  if (!intervened && actionTaken !== 'flagged') return undefined
  return {
    filterId,
    side: intervened ? 'interventions' : 'wouldIntervene',
    version: versionOf({ version: filterVersion }),
    occurredAt,
    verdict: undefined,
  }
}

function tell(known: Known, telling: Telling): void {
  known.tellings.push(telling)
  known.timeline = undefined
}

function timelineOf(known: Known): FilterTimeline {
  known.timeline ??= filterTimeline(known.tellings)
  return known.timeline
}

/** Of the facts that belong to this digest; with undefined, of those that belong to none. */
function countsOf(known: Known | undefined, digest: string | undefined): ReviewedFacts {
  const counts = {
    wouldIntervene: { tp: 0, fp: 0, unclear: 0 },
    interventions: { tp: 0, fp: 0, unclear: 0 },
  }
  if (!known) return counts
  const timeline = timelineOf(known)
  for (const { side, verdict, version, occurredAt } of known.reviewed) {
    const own = version === undefined ? timeline.digestAt(occurredAt) : timeline.digestOfVersion(version)
    if (verdict && own === digest) counts[side][COUNTED_AS[verdict]]++
  }
  return counts
}

const COUNTED_AS: Readonly<Record<Verdict, keyof ReviewCounts>> = {
  true_positive: 'tp',
  false_positive: 'fp',
  unclear: 'unclear',
}
