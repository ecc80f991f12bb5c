import type { BlindItem } from '../../actions/reviews/blind-item.ts'
import type { LabelResult } from '../../actions/reviews/label-result.ts'
import type { PlanResult } from '../../actions/reviews/plan-sampling.ts'
import type { ReviewStats } from '../../actions/reviews/review-stats.ts'
import type { NextQuery, Reviews } from '../../actions/reviews/reviews.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { loadCheckpointKey } from '../checkpoint-key.ts'
import { checkpointKeySource, dataPaths, surveyConfig } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { openOwnLedger } from '../open-own-ledger.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { DEFAULT_WAIT_S, SHELL_ACTOR } from '../pipeline/open-operations.ts'
import type { WhereOptions } from '../pipeline/open-operations.ts'
import { waitForWriter } from '../pipeline/wait-for-writer.ts'
import { requireFile } from '../require-file.ts'
import { ledgerReviews } from './ledger-reviews.ts'
import type { ReviewedLedger } from './ledger-reviews.ts'
import { remoteReviews } from './remote-reviews.ts'

/** The review queue as a shell uses it: that of a running receiver, or of a ledger file. */
export interface ReviewDesk {
  /** Undefined when nothing waits for this reviewer. */
  readonly next: (query: NextQuery) => Promise<BlindItem | undefined>
  readonly label: (input: object) => Promise<LabelResult>
  readonly stats: () => Promise<ReviewStats>
  readonly plan: (input: object) => Promise<PlanResult>
  readonly close: () => Promise<void>
}

/**
 * Opens the queue. `read` opens a ledger file beside whoever writes to it; `write` waits for its writer.
 *
 * @throws CliError for options that do not fit, and when a receiver holds the ledger; LedgerError
 */
export async function openDesk(where: WhereOptions, use: 'read' | 'write'): Promise<ReviewDesk> {
  const { receiver, token = process.env['FILTER_LEDGER_TOKEN'] } = where
  if (receiver === undefined) return use === 'read' ? openToRead(where.db) : openToWrite(where)
  if (!token)
    throw new CliError(
      EXIT.usage,
      '--receiver needs --token; `filter-ledger token issue --scope reviews:read,reviews:write` makes one',
    )
  if (!URL.canParse(receiver))
    throw new CliError(EXIT.usage, '--receiver takes a URL such as http://127.0.0.1:8080')
  return remoteReviews({ receiver: new URL(receiver), token, fetch })
}

async function openToRead(db: string | undefined): Promise<ReviewDesk> {
  const file = requireFile(db ?? dataPaths(process.env).database)
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const append = (): never => {
    throw new LedgerError('ledger-closed', 'this command only reads')
  }
  return deskOf({ append, reader, metrics: reader.metrics }, reader.close)
}

async function openToWrite({ db, wait = DEFAULT_WAIT_S }: WhereOptions): Promise<ReviewDesk> {
  const paths = dataPaths(process.env)
  const file = requireFile(db ?? paths.database)
  const signer = loadCheckpointKey(paths.keysFolder, checkpointKeySource(process.env))
  const { environment } = surveyConfig(process.env).config
  const { checkpointFile } = paths
  const open = () => openOwnLedger({ file, signer, checkpointFile, environment, now: () => new Date() })
  const ledger = await waitForWriter(open, wait * 1000, STANDARD_OUTPUT.err).catch((error: unknown) => {
    if (!(error instanceof LedgerError) || error.code !== 'ledger-in-use') throw error
    throw new CliError(
      EXIT.unreachable,
      `another process writes to ${file}: when that is a receiver, go through it with --receiver URL`,
      { cause: error },
    )
  })
  return deskOf(ledger, ledger.close)
}

function deskOf(ledger: ReviewedLedger, close: () => Promise<void>): ReviewDesk {
  const reviews = ledgerReviews(ledger, () => new Date())
  const context = { actor: SHELL_ACTOR }
  return {
    next: (query) => Promise.resolve().then(() => handedOut(reviews.next(query), query)),
    label: (input) => reviews.label(input, context),
    stats: () => Promise.resolve().then(reviews.stats),
    plan: (input) => reviews.plan(input, context),
    close,
  }
}

function handedOut(answer: ReturnType<Reviews['next']>, { filter = '' }: NextQuery): BlindItem | undefined {
  if (answer.kind === 'item') return answer.item
  if (answer.kind === 'nothing') return undefined
  if (answer.kind === 'invalid') throw new CliError(EXIT.usage, `--${answer.message}`)
  throw new CliError(EXIT.no, `no decision of a filter ${JSON.stringify(filter)} was recorded`)
}
