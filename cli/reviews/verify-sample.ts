import { sampleCheck } from '../../actions/reviews/sample-check.ts'
import type { SampleReport } from '../../actions/reviews/sample-check.ts'
import type { Entry } from '../../ledger/entry/entry.ts'
import { openReader, scanTextsAtHand } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { CliError, EXIT } from '../exit.ts'

/** Most entries have no part in a sample: they are told by their text, and not parsed. */
const OF_INTEREST = /"type":"(?:block\.recorded|sampling\.planned)"/

/**
 * Draws the sample of a ledger file again, beside whoever writes to it.
 *
 * @throws CliError when entries are archived and away: a plan may be among them; LedgerError
 */
export async function verifySample(file: string): Promise<SampleReport> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const check = sampleCheck()
    const size = reader.size()
    let read = 0
    for (const { index, text } of scanTextsAtHand(reader, 0, size)) {
      read++
      const row = reader.metrics.decision(index)
      if (row || OF_INTEREST.test(text)) check.apply(JSON.parse(text) as Entry, index, row)
    }
    if (read === size) return check.report()
    throw new CliError(
      EXIT.unreachable,
      `${size - read} entries of ${file} are archived, and the archive is not where it was; put it back: without them the sample cannot be drawn again`,
    )
  } finally {
    await reader.close()
  }
}

/** What came of it, in a few lines. */
export function sampleText(file: string, report: SampleReport): string {
  const { plans, decisions, outside, sampled, forSecond, differences, examples } = report
  const drawn = `${sampled} of ${decisions - outside} decisions are in the sample, ${forSecond} of these for a second reviewer (${plans} plan(s))`
  if (differences === 0) return `${file}: drawn again, the sample is the same: ${drawn}`
  return [
    `${file}: drawn again, the sample differs in ${differences} decision(s): by the entries, ${drawn}`,
    ...examples.map((text) => `  ${text}`),
    'The tables are made of the entries: `filter-ledger rebuild` makes them anew.',
  ].join('\n')
}
