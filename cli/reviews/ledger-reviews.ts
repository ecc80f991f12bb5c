import { randomBytes } from 'node:crypto'
import { openReviews } from '../../actions/reviews/reviews.ts'
import type { Reviews } from '../../actions/reviews/reviews.ts'
import type { Append } from '../../ledger/entry/entry.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { parseStored } from '../../ledger/store/entry-reader.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'
import { entryAt } from '../open-house.ts'

export interface ReviewedLedger {
  readonly append: Append
  readonly reader: Pick<EntryReader, 'at' | 'byId'>
  readonly metrics: MetricsReader
}

/** The review queue of a ledger. */
export function ledgerReviews({ append, reader, metrics }: ReviewedLedger, now: () => Date): Reviews {
  return openReviews({
    append,
    metrics,
    entryAt: (index) => entryAt(reader, index),
    findEntry: (id) => {
      const stored = reader.byId(id)
      return stored && { index: stored.index, entry: parseStored(stored) }
    },
    now,
    newSeed: () => randomBytes(16).toString('hex'),
  })
}
