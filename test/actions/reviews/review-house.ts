import { join } from 'node:path'
import { openReviews } from '../../../actions/reviews/reviews.ts'
import type { Reviews } from '../../../actions/reviews/reviews.ts'
import type { BlindItem } from '../../../actions/reviews/blind-item.ts'
import type { LabelResult } from '../../../actions/reviews/label-result.ts'
import type { Entry, JsonObject } from '../../../ledger/entry/entry.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { parseStored } from '../../../ledger/store/entry-reader.ts'
import { draft, openTempLedger, tempFolder } from '../../support/temp-ledger.ts'
import { context } from '../data-actions/action-ledger.ts'

/** A real ledger, its review queue, and a clock that a test sets. */
export interface ReviewHouse {
  readonly file: string
  readonly ledger: Ledger
  readonly reviews: Reviews
  /** Records decisions, and gives their ids. */
  readonly record: (count: number, changes?: JsonObject) => Promise<readonly string[]>
  readonly plan: (plan: JsonObject) => Promise<void>
  /** What a reviewer is handed; undefined when nothing waits. */
  readonly next: (reviewer: string, filter?: string) => BlindItem | undefined
  readonly label: (
    reviewer: string,
    reviewId: string | undefined,
    label: string,
    more?: JsonObject,
  ) => Promise<LabelResult>
  readonly entry: (index: number) => Entry
  readonly passMinutes: (minutes: number) => void
}

/** Everything is in the sample, and nothing of it twice. */
export const ALL_ONCE = { seed: 's', rate: 1, strata: [], secondRate: 0 }
/** Everything is in the sample, and a second reviewer sees all of it. */
export const ALL_TWICE = { ...ALL_ONCE, secondRate: 1 }

/** A decision that has each of its fields. Score, filter, version and action are such as stand nowhere else. */
export const FULL_DECISION = {
  filterId: 'hidden-filter-id',
  filterName: 'hidden-filter-name',
  filterVersion: 7919,
  category: 'pii',
  score: 0.87654321,
  threshold: 0.81234567,
  actionTaken: 'redacted',
  direction: 'output',
  channel: 'webmessaging',
  queueId: 'q-1',
  language: 'en-US',
  conversationRef: 'a'.repeat(64),
  contentRef: 'vault/content/1',
} as const

export async function openReviewHouse(): Promise<ReviewHouse> {
  let ms = Date.parse('2026-01-31T12:00:00Z')
  const now = (): Date => new Date(ms)
  const file = join(tempFolder(), 'ledger.db')
  const ledger = await openTempLedger({ file, now })
  const reviews = openReviews(reviewParts(ledger, now))
  return {
    file,
    ledger,
    reviews,
    record: async (count, changes = {}) => {
      const data = { ...FULL_DECISION, ...changes }
      const entity = { type: 'filter' as const, id: data.filterId }
      const receipts = await Promise.all(
        Array.from({ length: count }, () =>
          ledger.append({ entry: draft({ type: 'block.recorded', entity, data }) }),
        ),
      )
      return receipts.map(({ id }) => id)
    },
    plan: async (plan) => {
      await ledger.append({
        entry: draft({ type: 'sampling.planned', entity: { type: 'ledger' }, data: plan }),
      })
    },
    next: (reviewer, filter) => {
      const answer = reviews.next({ reviewer, ...(filter !== undefined && { filter }) })
      if (answer.kind === 'invalid' || answer.kind === 'unknown-filter') throw new Error(answer.kind)
      return answer.kind === 'item' ? answer.item : undefined
    },
    label: (reviewer, reviewId, label, more = {}) =>
      reviews.label({ reviewer, reviewId, label, ...more }, context),
    entry: (index) => entryAt(ledger, index) ?? fail(index),
    passMinutes: (minutes) => (ms += minutes * 60_000),
  }
}

/** What a queue takes of a ledger. */
export function reviewParts(ledger: Ledger, now: () => Date) {
  return {
    append: ledger.append,
    metrics: ledger.metrics,
    entryAt: (index: number) => entryAt(ledger, index),
    findEntry: (id: string) => {
      const stored = ledger.reader.byId(id)
      return stored && { index: stored.index, entry: parseStored(stored) }
    },
    now,
    newSeed: () => 'a-seed',
  }
}

function entryAt({ reader }: Ledger, index: number): Entry | undefined {
  const stored = reader.at(index)
  return stored && parseStored(stored)
}

function fail(index: number): never {
  throw new Error(`there is no entry ${index}`)
}
