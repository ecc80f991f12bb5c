import { readProblem } from '../answer.ts'
import type { RawRequest } from '../raw-request.ts'
import type { HttpAnswer } from '../read-answer.ts'
import type { RawOutcome } from '../send-raw.ts'

type Send = (url: URL, request: RawRequest) => Promise<RawOutcome>

const MAX_WAIT_S = 60
const MAX_TRIES = 5

/**
 * Sends again what was answered with 429, when the receiver says that it may be: a receiver counts refusals, and the
 * corpus is nothing but what it should refuse. So it does where the receiver has to fetch keys before it can refuse.
 *
 * @param wait resolves after so many milliseconds
 */
export function patiently(send: Send, wait: (ms: number) => Promise<unknown>): Send {
  return async (url, request) => {
    for (let tries = 1; ; tries++) {
      const outcome = await send(url, request)
      const waitS = outcome.kind === 'answered' && isLater(outcome) ? retryAfter(outcome.headers) : undefined
      if (waitS === undefined || tries === MAX_TRIES) return outcome
      await wait(waitS * 1000)
    }
  }
}

function isLater({ status, body }: HttpAnswer): boolean {
  if (status === 429) return true
  return (
    status === 503 && readProblem(status, body.toString('utf8'), undefined).problem === 'keys-unavailable'
  )
}

/** Whole seconds; undefined for a date, and for longer than anybody at a terminal waits. */
function retryAfter(headers: ReadonlyMap<string, string>): number | undefined {
  const text = headers.get('retry-after') ?? ''
  return /^\d{1,2}$/.test(text) && Number(text) <= MAX_WAIT_S ? Number(text) : undefined
}
