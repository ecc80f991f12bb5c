import type { Entry, EntryType } from '../entry/entry.ts'
import type { EntryReader } from '../store/entry-reader.ts'

/** An entry, where it stands, and what binds it to the tree. */
export interface PlacedEntry {
  readonly index: number
  /** 64 hex digits. */
  readonly leafHash: string
  readonly entry: Entry
}

/** About a millisecond of work. */
const PAGE = 64

/**
 * The entries of some types in `[from, to)`, a page at a time, in the order of the ledger.
 *
 * @throws LedgerError `entry-archived` for entries that are away: a report never leaves rows out in silence
 */
export function* scanPages(
  reader: Pick<EntryReader, 'page'>,
  types: ReadonlySet<EntryType>,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<readonly PlacedEntry[]> {
  // Looked for before it is parsed: most entries may be of other types. What only quotes a type is found out below.
  const names = [...types].map((type) => `"type":"${type}"`)
  for (let next = from; next < to;) {
    const page = reader.page(next, Math.min(PAGE, to - next))
    if (page.length === 0) return
    yield page.flatMap(({ index, text, leafHash }) => {
      if (!names.some((name) => text.includes(name))) return []
      const entry = JSON.parse(text) as Entry
      return types.has(entry.type) ? [{ index, leafHash, entry }] : []
    })
    next += page.length
  }
}
