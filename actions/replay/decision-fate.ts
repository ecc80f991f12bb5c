import type { Decision } from '../../ledger/metrics/metrics-reader.ts'
import { sideOf } from '../../ledger/metrics/words.ts'
import { governingKeys, mayIntervene } from './filter-rules.ts'
import type { FilterRules } from './filter-rules.ts'

/** What becomes of a recorded decision under proposed rules; the last two were not scored again. */
export const FATES = ['still', 'lost', 'gained', 'passing', 'otherRules', 'ambiguous'] as const
export type Fate = (typeof FATES)[number]

/**
 * Scores one decision again. A filter intervenes where any of its thresholds on the category is reached, and a decision
 * holds the score against one of them: where several decide, one that reaches its threshold is certain, and one that
 * does not is so only where no other was or will be reached.
 */
export function fateOf(
  decision: Pick<Decision, 'category' | 'action' | 'score' | 'threshold'>,
  before: FilterRules,
  after: FilterRules | undefined,
): Fate {
  const { category, score, threshold } = decision
  const intervened = sideOf(decision.action) === 'intervention'
  const keys = governingKeys(before, category)
  const held = keys.filter((key) => before.thresholds[key] === threshold)
  // Blocked by a filter that only flags, say, or only flagged by one that blocks.
  const odd = intervened !== (before.intervenes && score >= threshold)
  if (odd || held.length === 0 || !before.categories.includes(category)) return 'otherRules'
  // Whatever the scores: nothing is intervened on by a filter that is gone, off, only flags, or looks elsewhere.
  if (!after || !mayIntervene(category, before, after)) return intervened ? 'lost' : 'passing'
  const [key, ...more] = held
  const proposed = key === undefined ? undefined : after.thresholds[key]
  if (more.length > 0 || proposed === undefined) return 'ambiguous'
  if (score >= proposed) return intervened ? 'still' : 'gained'
  const alone = keys.length === 1 && governingKeys(after, category).length === 1
  if (intervened) return alone ? 'lost' : 'ambiguous'
  // What was flagged reached another threshold; what was passed reached none, and does so only where one is lowered.
  if (!alone && (decision.action === 'flagged' || anyLowered(category, before, after))) return 'ambiguous'
  return 'passing'
}

function anyLowered(category: string, before: FilterRules, after: FilterRules): boolean {
  return governingKeys(after, category).some(
    (key) => (after.thresholds[key] ?? 1) < (before.thresholds[key] ?? Infinity),
  )
}
