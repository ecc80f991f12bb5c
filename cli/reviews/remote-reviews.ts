import type { BlindItem } from '../../actions/reviews/blind-item.ts'
import type { LabelResult } from '../../actions/reviews/label-result.ts'
import type { PlanResult } from '../../actions/reviews/plan-sampling.ts'
import type { ReviewStats } from '../../actions/reviews/review-stats.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { readCapped } from '../../ledger/http/read-body.ts'
import { withDeadline } from '../../ledger/http/with-deadline.ts'
import { CliError, EXIT } from '../exit.ts'
import { printable } from '../webhook/printable.ts'
import type { ReviewDesk } from './review-desk.ts'

export interface RemoteReviewsOptions {
  readonly receiver: URL
  readonly token: string
  readonly fetch: typeof fetch
  /** How long an answer may take. Default 30,000. */
  readonly timeoutMs?: number
}

/** Statistics of thousands of filters, and then some. */
const MAX_ANSWER = 16 * 1024 * 1024

/**
 * The review queue of a running receiver. What it answers is taken at its word: whoever names a receiver and gives it a
 * token trusts it.
 *
 * All reject with CliError: unreachable, or the receiver's refusal in its own words.
 */
export function remoteReviews(options: RemoteReviewsOptions): ReviewDesk {
  return {
    next: async ({ reviewer, filter }) => {
      const query = new URLSearchParams({ reviewer, ...(filter !== undefined && { filter }) })
      return (await ask(options, `reviews/next?${query.toString()}`)) as BlindItem | undefined
    },
    label: async (input) => (await ask(options, 'reviews/label', input)) as LabelResult,
    stats: async () => (await ask(options, 'reviews/stats')) as ReviewStats,
    plan: async (input) => (await ask(options, 'reviews/plan', input)) as PlanResult,
    close: () => Promise.resolve(),
  }
}

/** The JSON of an answer; undefined for a 204. With a body it is a POST. */
async function ask(
  { receiver, token, fetch, timeoutMs = 30_000 }: RemoteReviewsOptions,
  path: string,
  body?: object,
): Promise<unknown> {
  const base = receiver.href.endsWith('/') ? receiver : new URL(`${receiver.href}/`)
  const authorization = `Bearer ${token}`
  const request = body
    ? {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }
    : { headers: { authorization } }
  const { status, text } = await withDeadline(timeoutMs, async (signal) => {
    const answer = await fetch(new URL(path, base), { ...request, redirect: 'error', signal })
    return { status: answer.status, text: (await readCapped(answer, MAX_ANSWER, signal))?.toString('utf8') }
  }).catch((error: unknown) => {
    throw new CliError(
      EXIT.unreachable,
      `the receiver at ${receiver.origin} could not be reached, or hung up`,
      {
        cause: error,
      },
    )
  })
  if (status === 204) return undefined
  const answered = parsed(text)
  if (status === 200 && answered !== undefined) return answered
  throw refusal(status, answered)
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

function refusal(status: number, answered: unknown): CliError {
  const code = status >= 500 ? EXIT.unreachable : EXIT.no
  const { title, detail } = asRecord(answered)
  if (typeof title !== 'string' || typeof detail !== 'string')
    return new CliError(code, `the receiver answered ${status}, and not as a receiver of ours does`)
  return new CliError(code, `the receiver answered ${status}: ${printable(title)}: ${printable(detail)}`)
}
