import type { BlindItem } from '../../actions/reviews/blind-item.ts'
import type { LabelResult } from '../../actions/reviews/label-result.ts'
import type { Verdict } from '../../ledger/metrics/words.ts'
import { printable } from '../webhook/printable.ts'

/** What a reviewer is shown, and the command that labels it. */
export function itemText(item: BlindItem, reviewer: string, receiver: string | undefined): string {
  const { reviewId, question, labels, occurredAt } = item
  const facts: readonly (readonly [string, string | null])[] = [
    ['text', item.contentRef ?? '(the sender gave no contentRef)'],
    ['direction', item.direction],
    ['channel', item.channel],
    ['language', item.language],
    ['queue', item.queueId],
    ['conversation', item.conversationRef],
    ['occurred', occurredAt],
  ]
  const told = facts.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name.padEnd(14)}${printable(value)}`],
  )
  const through = receiver === undefined ? '' : ` --receiver ${receiver}`
  return [
    printable(question),
    ...told,
    '',
    `LABEL is one of ${labels.join(', ')}:`,
    `  filter-ledger reviews label ${printable(reviewId)} LABEL --reviewer ${reviewer}${through}`,
  ].join('\n')
}

const MEANING: Readonly<Record<Verdict, string>> = {
  true_positive: 'the filter was right to act',
  false_positive: 'the filter was wrong to act',
  true_negative: 'the filter was right to let it pass',
  false_negative: 'the filter should have acted',
  unclear: 'counts for neither side',
}

const ROLES = {
  verdict: 'it counts',
  second: 'a second label: it is compared with the first',
  adjudication: 'it settles a disagreement, and counts',
} as const

/** What became of a label, and what was hidden until then. */
export function labelText({
  verdict,
  role,
  decision,
  duplicate,
  entryIndex,
  ...refusal
}: LabelResult): string {
  if (verdict === null || role === null || decision === null)
    return `rejected: ${printable(refusal.message)} [${refusal.errorCode}]`
  const { filterId, filterName, filterVersion, score, threshold, actionTaken } = decision
  const name = filterName === null ? printable(filterId) : `${printable(filterName)} (${printable(filterId)})`
  const version = filterVersion === null ? '' : `, version ${filterVersion}`
  const again = duplicate ? '; it was recorded before' : ''
  return [
    `${verdict}: ${MEANING[verdict]}; ${ROLES[role]} [entry ${entryIndex}${again}]`,
    `  ${name}${version}: ${actionTaken}, score ${score}, threshold ${threshold}`,
  ].join('\n')
}
