import type { JsonObject } from '../../ledger/entry/entry.ts'
import { differences } from '../filter/compare-filters.ts'
import type { Difference, RemoteFilter } from '../filter/compare-filters.ts'

/**
 * What differs between a word on a filter and the live one. A workflow may tell but a part of a filter: a word
 * without a `config` says nothing of what it leaves out.
 */
export function toldDifferences(word: JsonObject, { raw }: Pick<RemoteFilter, 'raw'>): readonly Difference[] {
  const found = differences(word, raw)
  if (word['config'] !== undefined) return found
  return found.filter(({ path }) => Object.hasOwn(word, path))
}
