import { existsSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import type { Finding } from '../../../ledger/verify/finding.ts'
import type { VerifierKey } from '../../../ledger/note/verifier-key.ts'
import { dataPaths } from '../../config.ts'
import type { EvidenceReport } from '../../../receiver/webhook/evidence/evidence-tally.ts'
import { CliError, EXIT } from '../../exit.ts'
import { isExport } from '../../export/is-export.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { progressBar } from './progress.ts'
import { openEvidence, readableEvidence, readGivenSecrets } from './verify-evidence.ts'

interface VerifyCommandOptions {
  readonly db?: string
  readonly vkey?: readonly string[]
  readonly old?: string
  readonly since?: string
  readonly evidence?: boolean
  readonly secret?: readonly string[]
  readonly json?: boolean
}

/** Fewer are read before a thread has started. */
const ENTRIES_WORTH_THREADS = 20_000

/** What both kinds of verification report. */
interface Report {
  readonly ok: boolean
  readonly size: number
  readonly root: string
  readonly origin: string | undefined
  readonly findings: readonly Finding[]
  readonly findingCount: number
  /** What the senders' signatures came to, when that was asked. */
  readonly evidence?: EvidenceReport
}

/** `ledger verify`: a database, a backup, a published folder or a URL. It only reads. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute everything; exit 1 and name the first wrong entry when something does not fit')
    .argument('[source]', 'a ledger file, a backup, a published folder, or the URL of a published ledger')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--vkey <key...>', 'verifier keys that you got elsewhere, or files of them: one must have signed')
    .option('--old <file>', 'a checkpoint that you kept: the ledger must go on from it')
    .option('--since <file>', 'like --old, and look only at what is newer than it')
    .option('--evidence', "verify every sender's signature again, with the keys that the ledger keeps")
    .option('--secret <place...>', "with --evidence: a sender's shared secret, env:NAME or file:PATH")
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
A token for closed routes of a URL is taken from FILTER_LEDGER_TOKEN.
Examples:
  filter-ledger ledger verify --db ledger.db
  filter-ledger ledger verify --db ledger.db --evidence --secret file:shop.secret
  filter-ledger ledger verify ./published --vkey verifier-key.txt
  filter-ledger ledger verify http://127.0.0.1:8080 --old checkpoint.last-month`,
    )
    .action(verify)
}

async function verify(source: string | undefined, options: VerifyCommandOptions): Promise<void> {
  if (source !== undefined && options.db !== undefined)
    throw new CliError(EXIT.usage, 'give a source or --db, not both')
  if (options.old !== undefined && options.since !== undefined)
    throw new CliError(EXIT.usage, 'give --old or --since, not both')
  if (options.secret !== undefined && !options.evidence)
    throw new CliError(EXIT.usage, '--secret is for --evidence')
  const place = source ?? options.db ?? dataPaths(process.env).database
  if (isUrl(place) && !URL.canParse(place)) throw new CliError(EXIT.usage, `${place} is not a URL`)
  const keys = options.vkey && (await readVerifierKeys(options.vkey))
  const isPublished = isUrl(place) || (existsSync(place) && statSync(place).isDirectory())
  if (isPublished && options.since !== undefined)
    throw new CliError(EXIT.usage, '--since is for a database; a published log is verified whole: use --old')
  if (isPublished && options.evidence)
    throw new CliError(
      EXIT.usage,
      '--evidence is for a database: bodies and signatures are never published, only what commits to them',
    )
  if (isPublished && isExport(place))
    throw new CliError(EXIT.usage, `${place} is an export: filter-ledger verify-export ${place}`)
  const report = isPublished
    ? await verifyFiles(place, keys, options)
    : await verifyDatabase(place, keys, options)
  STANDARD_OUTPUT.out(options.json ? JSON.stringify({ source: place, ...report }) : readable(place, report))
  if (!report.ok) throw new CliError(EXIT.no, '')
}

async function verifyDatabase(
  file: string,
  keys: readonly VerifierKey[] | undefined,
  options: VerifyCommandOptions,
): Promise<Report> {
  const { openReader } = await import('../../../ledger/store/entry-reader.ts')
  const { verifyLedger } = await import('../../../ledger/verify/verify-ledger.ts')
  const { expectedSchema } = await import('../../expected-schema.ts')
  const { MIGRATIONS } = await import('../../../migrations/migrations.ts')
  const old = options.old ?? options.since
  const secrets = await readGivenSecrets(options.secret ?? [])
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const { startVerifyThreads } = await import('../../../ledger/verify/verify-threads.ts')
  const threads =
    reader.size() < ENTRIES_WORTH_THREADS ? undefined : startVerifyThreads(file, availableParallelism())
  const progress = progressBar('entries', options.json)
  try {
    const evidence = options.evidence ? await openEvidence(reader, secrets) : undefined
    const report = await verifyLedger(reader.connection, {
      ...(evidence && { checkEvidence: evidence.check }),
      ...(threads && { threads }),
      onProgress: progress.show,
      schema: await expectedSchema(),
      archiveBase: dirname(resolve(file)),
      ...(keys && { keys }),
      ...(old !== undefined && { old: readText(old), onlyNew: options.since !== undefined }),
    })
    return { ...report, ...(evidence && { evidence: evidence.report() }) }
  } finally {
    progress.end()
    await threads?.close()
    await reader.close()
  }
}

async function verifyFiles(
  place: string,
  keys: readonly VerifierKey[] | undefined,
  options: VerifyCommandOptions,
): Promise<Report> {
  const { verifyPublished } = await import('../../../ledger/verify/verify-published.ts')
  const { readFromFolder, readFromUrl } = await import('../../read-log-file.ts')
  const token = process.env['FILTER_LEDGER_TOKEN']
  const read = isUrl(place)
    ? readFromUrl(new URL(place), token === undefined ? {} : { token })
    : readFromFolder(place)
  const progress = progressBar('entries', options.json)
  try {
    return await verifyPublished(read, {
      onProgress: progress.show,
      ...(keys && { keys }),
      ...(options.old !== undefined && { old: readText(options.old) }),
    })
  } finally {
    progress.end()
  }
}

/** Each is a verifier key, or a file with one a line. */
export async function readVerifierKeys(texts: readonly string[]): Promise<readonly VerifierKey[]> {
  const { parseVerifierKey } = await import('../../../ledger/note/verifier-key.ts')
  return texts
    .flatMap((text) => (existsSync(text) ? readText(text).split('\n') : [text]))
    .filter((line) => line.trim() !== '')
    .map(parseVerifierKey)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read`, { cause: error })
  }
}

function isUrl(place: string): boolean {
  return /^https?:\/\//.test(place)
}

function readable(
  place: string,
  report: Report & { readonly entriesRead?: boolean; readonly keysFromLog?: boolean },
): string {
  const notes = [
    ...(report.entriesRead === false && report.size > 0
      ? ['  entries are not published here: hashes were verified, no entry was read']
      : []),
    ...(report.keysFromLog
      ? ['  the key came from the log itself: compare it with one that you got elsewhere, or give --vkey']
      : []),
    ...(report.evidence ? readableEvidence(report.evidence) : []),
  ]
  if (report.ok) {
    const name = report.origin === undefined ? '' : `, ${report.origin}`
    return [`${place} is whole: ${report.size} entries, root ${report.root}${name}`, ...notes].join('\n')
  }
  const lines = report.findings.map(
    ({ kind, code, index, message }) => `  entry ${index}: ${kind} (${code}): ${message}`,
  )
  const rest = report.findingCount - report.findings.length
  return [
    `${place} is NOT whole: ${report.findingCount} finding(s) in ${report.size} entries`,
    ...lines,
    ...(rest > 0 ? [`  … ${rest} more`] : []),
    ...notes,
  ].join('\n')
}
