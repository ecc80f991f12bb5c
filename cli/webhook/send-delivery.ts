import { readCapped } from '../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../ledger/http/with-deadline.ts'
import { CliError, EXIT } from '../exit.ts'
import { systemCode } from '../system-code.ts'
import { readProblem } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Header } from './sender.ts'

export interface Delivery {
  readonly url: URL
  /** Beside the content type. */
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

export interface SendOptions {
  readonly fetch: typeof globalThis.fetch
  /** How long an answer may take. Default 10,000. */
  readonly timeoutMs?: number
}

const MAX_ANSWER_BYTES = 65_536

/**
 * Posts a delivery as a well-behaved sender does: in JSON, without following redirects.
 *
 * @throws CliError `unreachable` when no answer comes
 */
export async function sendDelivery(
  { url, headers, body }: Delivery,
  { fetch, timeoutMs = 10_000 }: SendOptions,
): Promise<Answer> {
  try {
    return await withDeadline(timeoutMs, async (signal) => {
      const answer = await fetch(url, {
        method: 'POST',
        headers: [
          ['content-type', 'application/json'],
          ...headers.map(([name, value]): [string, string] => [name, value]),
        ],
        body: Buffer.from(body),
        redirect: 'manual',
        signal,
      })
      const text = await readCapped(answer, MAX_ANSWER_BYTES, signal)
      return readProblem(answer.status, text?.toString('utf8') ?? '', answer.headers.get('retry-after'))
    })
  } catch (error) {
    throw new CliError(EXIT.unreachable, `${url.host} ${reasonOf(error)}`, { cause: error })
  }
}

function reasonOf(error: unknown): string {
  if (isTimeout(error)) return 'did not answer in time'
  const cause = error instanceof Error ? error.cause : undefined
  const code = systemCode(cause)
  // fetch has no code for what it refuses itself, such as the port of another protocol.
  return `cannot be reached (${code === 'unknown' && cause instanceof Error ? cause.message : code})`
}
