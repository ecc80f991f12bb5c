import type { Entry } from '../../ledger/entry/entry.ts'
import { filterLives, livesOf } from '../../ledger/projections/filter-lives.ts'
import type { FilterLife } from '../../ledger/projections/filter-lives.ts'
import { openReader, scanTextsAtHand } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { printable } from '../webhook/printable.ts'
import { nearNames } from './near-names.ts'

export interface LedgerLives {
  readonly file: string
  readonly lives: readonly FilterLife[]
  /** Entries that could not be read: they are archived, and the archive is away. */
  readonly away: number
}

/** Most entries are of no filter's life: they are told by their text, and not parsed. */
const OF_INTEREST = /"type":"(?:filter|deployment)\./

/** The history of every filter in a ledger file, read beside whoever writes it. @throws LedgerError */
export async function readLives(db: string | undefined): Promise<LedgerLives> {
  const file = db ?? dataPaths(process.env).database
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const folded = filterLives()
    const size = reader.size()
    let read = 0
    for (const { index, text } of scanTextsAtHand(reader, 0, size)) {
      read++
      if (OF_INTEREST.test(text)) folded.apply(JSON.parse(text) as Entry, index)
    }
    return { file, lives: folded.lives(), away: size - read }
  } finally {
    await reader.close()
  }
}

/** What to know about a history that is not whole; undefined when it is. */
export function incompleteNote({ away, file }: LedgerLives): string | undefined {
  if (away === 0) return undefined
  return `the history is incomplete: ${away} entries of ${file} are archived, and the archive is not where it was; put it back to see all`
}

/** The lives that a name or id stands for. @throws CliError with names that are near, when there is none */
export function requireLives(read: LedgerLives, nameOrId: string): readonly FilterLife[] {
  const found = livesOf(read.lives, nameOrId)
  if (found.length > 0) return found
  const names = read.lives.flatMap(({ revisions, filterId }) => [
    filterId,
    ...revisions.map(({ name }) => name),
  ])
  const near = nearNames(nameOrId, names).map((name) => printable(name))
  const hint = near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''
  const note = incompleteNote(read)
  const message = `the ledger ${read.file} knows no filter ${printable(nameOrId)}${hint}`
  throw new CliError(EXIT.no, note === undefined ? message : `${message} (${note})`)
}
