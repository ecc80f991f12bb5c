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

/**
 * What a reviewer found, in the words of a decision: the first two of what was blocked, redacted or flagged, the next
 * two of what was passed.
 */
export const VERDICTS = [
  'true_positive',
  'false_positive',
  'true_negative',
  'false_negative',
  'unclear',
] as const
export type Verdict = (typeof VERDICTS)[number]

/** What a blind reviewer says, who does not know what the filter did. */
export const LABELS = ['violation', 'not_a_violation', 'unclear'] as const
export type Label = (typeof LABELS)[number]

/**
 * `intervention`: blocked or redacted. `shadow`: flagged, and would have been. `pass`: let through. Error blocks and
 * bypasses are no decisions of the filter, and there is nothing to review in them.
 */
export type Side = 'intervention' | 'shadow' | 'pass'

const SIDES: Readonly<Record<ActionTaken, Side | undefined>> = {
  blocked: 'intervention',
  redacted: 'intervention',
  flagged: 'shadow',
  passed: 'pass',
  error_blocked: undefined,
  bypassed: undefined,
}

export function sideOf(action: ActionTaken): Side | undefined {
  return SIDES[action]
}

/** The verdict that a label comes to, given what the filter did. */
export function verdictOf(side: Side, label: Label): Verdict {
  if (label === 'unclear') return 'unclear'
  if (side === 'pass') return label === 'violation' ? 'false_negative' : 'true_negative'
  return label === 'violation' ? 'true_positive' : 'false_positive'
}

const LABEL_OF: Readonly<Record<Verdict, Label>> = {
  true_positive: 'violation',
  false_negative: 'violation',
  false_positive: 'not_a_violation',
  true_negative: 'not_a_violation',
  unclear: 'unclear',
}

export function labelOf(verdict: Verdict): Label {
  return LABEL_OF[verdict]
}

/** False for `false_positive` of what was passed, say. */
export function fitsSide(verdict: Verdict, side: Side): boolean {
  return verdictOf(side, labelOf(verdict)) === verdict
}

/**
 * `verdict`: counts, and supersedes what was found before. `second`: the label of a second, blind reviewer, who is
 * compared with the first; it does not count. `adjudication`: settles a disagreement of the two, and counts.
 */
export const REVIEW_ROLES = ['verdict', 'second', 'adjudication'] as const
export type ReviewRole = (typeof REVIEW_ROLES)[number]

/** A tenth of the scores: `0.9-1.0` holds 0.9 and 1. */
export const SCORE_BANDS = [
  '0.0-0.1',
  '0.1-0.2',
  '0.2-0.3',
  '0.3-0.4',
  '0.4-0.5',
  '0.5-0.6',
  '0.6-0.7',
  '0.7-0.8',
  '0.8-0.9',
  '0.9-1.0',
] as const
export type ScoreBand = (typeof SCORE_BANDS)[number]

/** @param score 0..1 */
export function bandOf(score: number): ScoreBand {
  // 0.29 * 100 is 28.999999999999996: tenths are told by rounding first.
  const tenth = Math.floor(Math.round(score * 1e6) / 1e5)
  return SCORE_BANDS[Math.min(9, Math.max(0, tenth))] ?? '0.9-1.0'
}
