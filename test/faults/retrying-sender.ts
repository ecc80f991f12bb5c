/** How a sender of webhooks tries: how long it waits for an answer, and when it sends again. */
export interface RetryRule {
  readonly timeoutMs: number
  /** Between an answer that was none, or was no, and the next attempt. */
  readonly gapMs: number
  /** After the first attempt. */
  readonly retries: number
}

/** Genesys Cloud's, as its Open Messaging documentation has it. It does not look at `Retry-After`. */
export const GENESYS_RULE: RetryRule = { timeoutMs: 10_000, gapMs: 5000, retries: 5 }

/** The same by a clock that runs so many times as fast. */
export function hurried({ timeoutMs, gapMs, retries }: RetryRule, times: number): RetryRule {
  return { timeoutMs: timeoutMs / times, gapMs: gapMs / times, retries }
}

/** What an attempt came to, as far as the sender can see. */
export type Answer =
  | {
      readonly status: number
      /** The problem's type, where the answer is one. */
      readonly problem?: string | undefined
      readonly retryAfter?: string | undefined
    }
  /** No answer in time, or no connection. */
  | { readonly status: undefined; readonly reason: string }

export interface Outcome {
  /** What the sender believes. */
  readonly delivered: boolean
  readonly answers: readonly Answer[]
}

/** Time-outs, broken connections, 429 and 5xx: every other answer is final. */
export function isRetryable({ status }: Answer): boolean {
  return status === undefined || status === 429 || status >= 500
}

export function isSuccess({ status }: Answer): boolean {
  return status !== undefined && status >= 200 && status < 300
}

/** Sends one event until it is delivered, refused for good, or given up. */
export async function deliverByRule(
  attempt: (nth: number) => Promise<Answer>,
  { gapMs, retries }: RetryRule,
  sleep: (ms: number) => Promise<unknown>,
): Promise<Outcome> {
  const answers: Answer[] = []
  for (let nth = 0; nth <= retries; nth++) {
    if (nth > 0) await sleep(gapMs)
    const answer = await attempt(nth)
    answers.push(answer)
    if (!isRetryable(answer)) return { delivered: isSuccess(answer), answers }
  }
  return { delivered: false, answers }
}
