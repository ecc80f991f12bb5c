import { timeoutError } from './with-deadline.ts'

/**
 * A whole body of at most `maxBytes`; undefined when it is larger, and then no more of it is read.
 *
 * @throws the signal's reason when it is aborted; TypeError when the connection is cut
 */
export async function readCapped(
  answer: Response,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bodyChunks(answer, signal)) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * A body of any length, chunk by chunk; each has to come within `idleMs`. The time that the consumer takes does not
 * count.
 *
 * @throws DOMException `TimeoutError` when nothing comes; TypeError when the connection is cut
 */
export async function* bodyWithoutStall(answer: Response, idleMs: number): AsyncGenerator<Uint8Array> {
  const controller = new AbortController()
  const chunks = bodyChunks(answer, controller.signal)
  try {
    for (;;) {
      const timer = setTimeout(() => {
        controller.abort(timeoutError(idleMs))
      }, idleMs)
      const next = await chunks.next().finally(() => {
        clearTimeout(timer)
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    await chunks.return(undefined)
  }
}

/**
 * The body is cancelled by its own reader when the signal is aborted: once the headers are there, fetch itself keeps
 * nothing but a weak reference between its signal and the body (undici, Node 20), so an abort may reach nobody.
 */
async function* bodyChunks(answer: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = answer.body?.getReader()
  if (!reader) return
  const cancel = (): void => {
    reader.cancel(signal.reason).catch(() => undefined)
  }
  signal.addEventListener('abort', cancel)
  try {
    for (;;) {
      signal.throwIfAborted()
      const { done, value } = await reader.read()
      // A read that was cancelled looks like the end of the body.
      signal.throwIfAborted()
      if (done) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}
