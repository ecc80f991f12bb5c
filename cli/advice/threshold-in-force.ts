import { categoriesOf } from '../../actions/lint/category-signals.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import type { JsonObject } from '../../ledger/entry/entry.ts'

export interface ThresholdInForce {
  /** Of `config.thresholds`. */
  readonly key: string
  /** 0..1. */
  readonly threshold: number
  /** What else that threshold decides on: it changes with it. */
  readonly alsoOn: readonly string[]
}

/** The threshold of a recorded filter that decides on a category: its own before `toxicity`, which is of several. */
export function thresholdInForce(filter: JsonObject, category: string): ThresholdInForce | undefined {
  const { thresholds } = asRecord(filter['config'])
  const on = Object.entries(asRecord(thresholds)).flatMap(([key, threshold]) => {
    const decided: readonly string[] = categoriesOf(key)
    return isShare(threshold) && decided.includes(category) ? [{ key, threshold, decided }] : []
  })
  const [first] = on.sort((a, b) => a.decided.length - b.decided.length || a.key.length - b.key.length)
  if (!first) return undefined
  const { key, threshold, decided } = first
  const categories = asRecord(filter['config'])['content_categories']
  const asked: readonly unknown[] = Array.isArray(categories) ? categories : []
  return { key, threshold, alsoOn: decided.filter((each) => each !== category && asked.includes(each)) }
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1
}
