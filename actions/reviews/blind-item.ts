import type { Entry } from '../../ledger/entry/entry.ts'
import { LABELS } from '../../ledger/metrics/words.ts'
import type { Label } from '../../ledger/metrics/words.ts'

/**
 * What a reviewer is shown of a decision before the label. An allow-list: the filter, its version, score, threshold and
 * action stay hidden, and so does whether somebody labelled it before.
 */
export interface BlindItem {
  /** The entry of the decision; what `label` takes. */
  readonly reviewId: string
  readonly category: string
  readonly question: string
  readonly labels: readonly Label[]
  /** RFC 3339, UTC. */
  readonly occurredAt: string
  /** Null, as the next ones, where the sender did not say. */
  readonly direction: string | null
  readonly channel: string | null
  readonly language: string | null
  readonly queueId: string | null
  /** Where the text is kept. */
  readonly contentRef: string | null
  /** A keyed hash of the conversation's id. */
  readonly conversationRef: string | null
}

export function blindItem({ id, occurredAt, data }: Entry): BlindItem {
  const category = textOf(data['category']) ?? 'unknown'
  return {
    reviewId: id,
    category,
    question: `Does this text violate the category ${category}?`,
    labels: LABELS,
    occurredAt,
    direction: textOf(data['direction']),
    channel: textOf(data['channel']),
    language: textOf(data['language']),
    queueId: textOf(data['queueId']),
    contentRef: textOf(data['contentRef']),
    conversationRef: textOf(data['conversationRef']),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
