/**
 * Runs something that ends in time: after `ms` its signal is aborted, and the promise is rejected with the signal's
 * reason (a `TimeoutError`), whether the signal was heeded or not. `AbortSignal.timeout()` is no deadline on Node 20:
 * nothing holds it while a body is read, so it may be collected together with its timer.
 */
export async function withDeadline<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const reason = timeoutError(ms)
      controller.abort(reason)
      reject(reason)
    }, ms)
  })
  try {
    return await Promise.race([run(controller.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

/** What {@link withDeadline} rejects with. */
export function timeoutError(ms: number): DOMException {
  return new DOMException(`nothing came within ${ms / 1000} s`, 'TimeoutError')
}

export function isTimeout(error: unknown): error is DOMException {
  return error instanceof DOMException && error.name === 'TimeoutError'
}
