import type { Entry } from '../entry/entry.ts'
import type { MetricsReader, ReviewedDecision } from '../metrics/metrics-reader.ts'
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
  /** Feeds one entry that tells of a filter. Never throws. */
  readonly apply: (entry: Entry) => void
  /** What holds for a filter with this digest; all counts are 0 where nothing was reviewed. */
  readonly of: (filterId: string, digest: string) => FilterEvidence
  /** One for each digest that the filter was told to have, oldest first. */
  readonly all: (filterId: string) => readonly FilterEvidence[]
  /** Reviewed, but nobody knows under which digest: they count nowhere. */
  readonly unattributed: (filterId: string) => ReviewedFacts
}

interface Known {
  readonly tellings: Telling[]
  /** Made when it is asked for, forgotten when more is told. */
  timeline: FilterTimeline | undefined
}

/**
 * Puts reviewed decisions together with what is told of filters. A decision belongs to the version that its sender
 * named, otherwise to what was in force when it occurred. As entries may come in any order, that is decided when it is
 * asked for.
 */
export function reviewEvidence({ reviewed }: Pick<MetricsReader, 'reviewed'>): ReviewEvidence {
  const filters = new Map<string, Known>()

  const knownOf = (filterId: string): Known => {
    const known = filters.get(filterId) ?? { tellings: [], timeline: undefined }
    filters.set(filterId, known)
    return known
  }

  const countsOf = (filterId: string, digest: string | undefined): ReviewedFacts => {
    const known = filters.get(filterId)
    const timeline = known ? timelineOf(known) : filterTimeline([])
    return countReviewed(reviewed(filterId), timeline, digest)
  }

  const evidenceOf = (filterId: string, digest: string): FilterEvidence => {
    const known = filters.get(filterId)
    const versions = (known && timelineOf(known).digests.get(digest)) ?? []
    return { filterId, digest, versions, ...countsOf(filterId, digest) }
  }

  return {
    apply: (entry) => {
      const telling = tellingOf(entry)
      if (telling) tell(knownOf(telling.filterId), telling)
    },
    of: evidenceOf,
    all: (filterId) => {
      const known = filters.get(filterId)
      return known ? [...timelineOf(known).digests.keys()].map((digest) => evidenceOf(filterId, digest)) : []
    },
    unattributed: (filterId) => countsOf(filterId, undefined),
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

/** Of the decisions that belong to this digest; with undefined, of those that belong to none. */
function countReviewed(
  decisions: Iterable<ReviewedDecision>,
  timeline: FilterTimeline,
  digest: string | undefined,
): ReviewedFacts {
  const counts = {
    wouldIntervene: { tp: 0, fp: 0, unclear: 0 },
    interventions: { tp: 0, fp: 0, unclear: 0 },
  }
  for (const { side, version, versionTold, occurredAtText, review } of decisions) {
    const own = versionTold ? timeline.digestOfVersion(version) : timeline.digestAt(occurredAtText)
    const counted = COUNTED_AS[review.verdict]
    if (side === 'pass' || !counted || own !== digest) continue
    counts[side === 'shadow' ? 'wouldIntervene' : 'interventions'][counted]++
  }
  return counts
}

const COUNTED_AS: Readonly<Record<string, keyof ReviewCounts | undefined>> = {
  true_positive: 'tp',
  false_positive: 'fp',
  unclear: 'unclear',
}
