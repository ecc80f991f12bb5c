import { createHash } from 'node:crypto'
import { asRecord } from '../entry/as-record.ts'
import { canonicalJson } from '../entry/canonical-json.ts'
import { LedgerError } from '../ledger-error.ts'

/** What is done with a finding, and how many may be wrong: neither decides what is found. */
const DECIDES_NOTHING: ReadonlySet<string> = new Set(['block_action', 'false_positive_tolerance'])

/**
 * Names what decides whether a filter finds something: SHA-256, hex, of the canonical JSON of its `config` without
 * `block_action` and `false_positive_tolerance`, its categories as a sorted set. Two versions with one digest find
 * the same, so what was reviewed of one holds for the other. Members of `config` that are not known here are taken
 * to decide. Never throws.
 *
 * @param filter as the wire has it
 * @returns undefined when it has no categories or thresholds that can be read
 */
export function evidenceDigest(filter: unknown): string | undefined {
  const config = asRecord(asRecord(filter)['config'])
  const { content_categories: categories, thresholds } = config
  if (!isListOfTexts(categories) || !isNumbers(thresholds)) return undefined
  const members = Object.entries(config).filter(([name]) => !DECIDES_NOTHING.has(name))
  const decisive = { ...Object.fromEntries(members), content_categories: [...new Set(categories)].sort() }
  try {
    return createHash('sha256').update(canonicalJson(decisive)).digest('hex')
  } catch (error) {
    // A live filter is another's data: too deep, or text that no UTF-8 stands for.
    if (error instanceof LedgerError) return undefined
    throw error
  }
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isNumbers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((item) => typeof item === 'number' && Number.isFinite(item))
}
