import { Command } from 'commander'
import type { Revision } from '../../ledger/projections/filter-history.ts'
import type { FilterLife } from '../../ledger/projections/filter-lives.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { printable } from '../webhook/printable.ts'

interface ShowOptions {
  readonly db?: string
  readonly at?: string
  readonly json?: boolean
  readonly yaml?: boolean
}

/** `show [NAME] [--at TIME]`: the payload of a filter, or of all, as they stood at an instant. It only reads. */
export function showCommand(): Command {
  return new Command('show')
    .description('print a filter, or all of them, as the ledger says they stood at an instant')
    .argument('[name]', 'the name of a filter, now or once, or its id (default: all filters)')
    .option('--at <time>', 'an instant in UTC, or a date: its end (default: now)')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON (the default): one filter, or a list of all')
    .option('--yaml', 'print YAML: a document for each filter')
    .addHelpText(
      'after',
      `
What is printed is a payload: it can be deployed as it is. What else is known goes to standard error.
The file may be that of a receiver that is running. Exit 1: the filter was not there at that instant.
Examples:
  filter-ledger show production-toxicity-guard > filter.json
  filter-ledger show --at 2026-01-31T12:00:00Z --yaml
  filter-ledger show production-toxicity-guard --at 2026-01-31`,
    )
    .action(show)
}

async function show(nameOrId: string | undefined, options: ShowOptions): Promise<void> {
  if (options.json && options.yaml) throw new CliError(EXIT.usage, 'give --json or --yaml, not both')
  const { readInstant } = await import('../history/read-instant.ts')
  const { incompleteNote, readLives, requireLives } = await import('../history/read-lives.ts')
  const now = new Date()
  const at = options.at === undefined ? now.toISOString() : readInstant('--at', options.at, now)
  const read = await readLives(options.db)
  const lives = nameOrId === undefined ? read.lives : requireLives(read, nameOrId)
  const note = incompleteNote(read)
  if (note !== undefined) STANDARD_OUTPUT.err(`filter-ledger: ${note}`)
  const { standing, notes } = await standingAt(lives, nameOrId, at)
  for (const line of notes) STANDARD_OUTPUT.err(line)
  if (nameOrId !== undefined && standing.length === 0)
    throw new CliError(EXIT.no, `no filter ${printable(nameOrId)} was there at ${at}`)
  const { bodyOfRecorded } = await import('../../actions/filter/filter-body.ts')
  const payloads = standing.flatMap(({ filter }) => (filter ? [bodyOfRecorded(filter)] : []))
  if (standing.length > 0 && payloads.length === 0)
    throw new CliError(EXIT.no, 'nothing can be printed: the ledger does not hold the content')
  const { plainJson, plainYaml } = await import('../history/plain-text.ts')
  const [only] = payloads
  const json = nameOrId !== undefined && payloads.length === 1 ? only : payloads
  STANDARD_OUTPUT.out(options.yaml ? asYaml(payloads.map(plainYaml)) : plainJson(json, 2))
}

/** The filters that were there, and a line about each of the others. */
async function standingAt(lives: readonly FilterLife[], nameOrId: string | undefined, at: string) {
  const { filterAt } = await import('../../ledger/projections/filter-history.ts')
  const { isSameName } = await import('../../ledger/projections/filter-lives.ts')
  const { describeOrigin } = await import('../history/describe-life.ts')
  const found = lives.map((life) => ({ life, standing: filterAt(life.revisions, at) }))
  const live = found.flatMap(({ life: { filterId }, standing }) =>
    standing.kind === 'live' ? [{ filterId, revision: standing.revision }] : [],
  )
  // Who asks by a name means what had it then, if anything had.
  const namesakes = live.filter(
    ({ revision }) => nameOrId !== undefined && isSameName(revision.name, nameOrId),
  )
  const meant = namesakes.length > 0 ? namesakes : live
  const told = meant.filter(({ revision }) => nameOrId !== undefined || !revision.filter)
  return {
    standing: meant.map(({ revision }) => revision),
    notes: [
      ...told.map(({ filterId, revision }) => {
        const unknown = revision.filter ? '' : '; its content is not in the ledger'
        return `${head(filterId, revision)}: revision ${revision.number}, since ${describeOrigin(revision)}${unknown}`
      }),
      ...found.flatMap(({ life: { filterId, revisions }, standing }) => {
        const [first] = revisions
        if (standing.kind === 'removed')
          return [`${head(filterId, standing.tombstone)} was removed: ${describeOrigin(standing.tombstone)}`]
        return standing.kind === 'absent' && first && nameOrId !== undefined
          ? [`${head(filterId, first)} was not there yet: ${describeOrigin(first)}`]
          : []
      }),
    ],
  }
}

function head(filterId: string, { name }: Revision): string {
  return `${printable(name)} (${printable(filterId)})`
}

function asYaml(documents: readonly string[]): string {
  return documents.length === 0 ? '[]' : documents.join('\n---\n')
}
