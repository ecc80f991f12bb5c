import { BundleError } from '../../bundle/bundle-error.ts'
import type { RenderedRequest } from '../../bundle/run/run-report.ts'
import type { Sent } from '../../bundle/run/run-action.ts'
import { readCapped } from '../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../ledger/http/with-deadline.ts'
import { systemCode } from '../system-code.ts'

export interface SendOptions {
  readonly fetch: typeof globalThis.fetch
  /** How long the platform waits, the body included. Milliseconds. */
  readonly timeoutMs: number
  /** What the platform adds to every call: who calls, and what to find it by. */
  readonly callerHeaders: Readonly<Record<string, string>>
}

/** More than any flow binds: an answer of more is refused, not cut. */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024

/** Sends a rendered request; no redirect is followed. @throws BundleError `unreachable`, `answer-unusable` */
export async function sendRequest(
  { method, url, headers, body }: RenderedRequest,
  { fetch, timeoutMs, callerHeaders }: SendOptions,
): Promise<Sent> {
  try {
    return await withDeadline(timeoutMs, async (signal) => {
      const answer = await fetch(url, {
        method,
        // The action's own headers win: fetch joins those that differ in case only.
        headers: { ...lowered(callerHeaders), ...lowered(headers) },
        redirect: 'manual',
        signal,
        ...(body !== undefined && { body }),
      })
      const bytes = await readCapped(answer, MAX_ANSWER_BYTES, signal)
      if (!bytes)
        throw new BundleError('answer-unusable', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: bytes.toString('utf8'),
      }
    })
  } catch (error) {
    if (error instanceof BundleError) throw error
    if (isTimeout(error)) return 'timeout'
    throw new BundleError('unreachable', `${originOf(url)} cannot be reached: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

function lowered(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** Not the whole URL: a secret may stand in it. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the service'
}

/** fetch says "fetch failed", and why only in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = systemCode(cause)
  return code === 'unknown' && cause instanceof Error ? cause.message : code
}
