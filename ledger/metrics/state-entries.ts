import type { Entry } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import { parseStored } from '../store/entry-reader.ts'
import type { EntryReader } from '../store/entry-reader.ts'
import type { MetricsReader } from './metrics-reader.ts'

export interface StateEntry {
  readonly index: number
  readonly entry: Entry
}

/**
 * The entries that tell how filters and deployments stand, in order: few among many blocks.
 *
 * @throws LedgerError `entry-archived` when one stands in an archive that is away
 */
export function* stateEntries(
  reader: Pick<EntryReader, 'at'>,
  metrics: Pick<MetricsReader, 'stateEntries'>,
): Generator<StateEntry> {
  for (const index of metrics.stateEntries()) {
    const stored = reader.at(index)
    if (stored) yield { index, entry: parseStored(stored) }
  }
}

/** Those of them that are at hand: what is in an archive that is away is not known. */
export function* stateEntriesAtHand(
  reader: Pick<EntryReader, 'at'>,
  metrics: Pick<MetricsReader, 'stateEntries'>,
): Generator<StateEntry> {
  const readAt = (index: number) => {
    try {
      return reader.at(index)
    } catch (error) {
      if (error instanceof LedgerError && AWAY.has(error.code)) return undefined
      throw error
    }
  }
  yield* stateEntries({ at: readAt }, metrics)
}

const AWAY: ReadonlySet<string> = new Set(['entry-archived', 'archive-damaged'])
