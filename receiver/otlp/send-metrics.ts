import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { readCapped } from '../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../ledger/http/with-deadline.ts'

export interface OtlpTarget {
  /** The whole URL, `…/v1/metrics`. */
  readonly url: URL
  /** Secrets: they go to the target, and nowhere else. */
  readonly headers: Readonly<Record<string, string>>
}

export interface SendOptions {
  readonly fetch: typeof fetch
  readonly now: () => Date
  /** Default 10000. */
  readonly timeoutMs?: number
}

/** `waitMs`: how long the target asks not to be asked again. */
export type SendResult =
  | { readonly sent: true; readonly rejected: number }
  | { readonly sent: false; readonly reason: string; readonly waitMs: number }

const MAX_ANSWER = 65_536
/** Whoever asks for longer is asked after an hour anyway. */
const MAX_WAIT_MS = 3_600_000
/** The statuses by which OTLP/HTTP says "later". */
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504])

const compress = promisify(gzip)

/**
 * Sends one export. Never throws: what went wrong is the reason, in words that name no header and no URL. It is not
 * sent again: the next export says the same and more.
 */
export async function sendMetrics(
  { url, headers }: OtlpTarget,
  request: unknown,
  { fetch, now, timeoutMs = 10_000 }: SendOptions,
): Promise<SendResult> {
  const body = await compress(JSON.stringify(request))
  try {
    return await withDeadline(timeoutMs, async (signal) => {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
        redirect: 'error',
        signal,
      })
      const text = (await readCapped(answer, MAX_ANSWER, signal))?.toString('utf8')
      if (answer.ok) return { sent: true, rejected: rejectedIn(text) }
      const waitMs = LATER.has(answer.status) ? retryAfterMs(answer.headers.get('retry-after'), now()) : 0
      return { sent: false, reason: `it answered ${answer.status}`, waitMs }
    })
  } catch (error) {
    return { sent: false, reason: reasonOf(error, timeoutMs), waitMs: 0 }
  }
}

/** A partial success: points that the target did not take. An answer that cannot be read took them all. */
function rejectedIn(text: string | undefined): number {
  try {
    const answer: unknown = JSON.parse(text ?? '')
    if (typeof answer !== 'object' || answer === null || !('partialSuccess' in answer)) return 0
    const { partialSuccess } = answer
    if (typeof partialSuccess !== 'object' || partialSuccess === null) return 0
    const rejected = 'rejectedDataPoints' in partialSuccess ? Number(partialSuccess.rejectedDataPoints) : 0
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0
  } catch {
    return 0
  }
}

/** RFC 9110: seconds, or a date. */
function retryAfterMs(text: string | null, now: Date): number {
  if (text === null) return 0
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now.getTime()
  return ms > 0 ? Math.min(ms, MAX_WAIT_MS) : 0
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (isTimeout(error)) return `it did not answer within ${timeoutMs / 1000} s`
  const code = codeOf(error)
  return `it cannot be reached${code === undefined ? '' : ` (${code})`}`
}

/** The system's code, which fetch hides in what caused its error. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? codeOf(error.cause) : undefined
}
