import type { IncomingMessage } from 'node:http'
import { RequestProblem } from '../problem.ts'

/** Bytes of a request body, at most, where nothing else is configured. */
export const DEFAULT_BODY_LIMIT = 262_144

/** The sender went away before its body was whole: there is nobody to answer. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted'
  readonly code = 'request-aborted'
}

/**
 * Reads a body as it is: nothing is inflated, decoded or parsed. What is announced as too large is not read; what
 * turns out to be too large is not kept.
 *
 * @param limit bytes, at most
 * @throws RequestProblem `body-too-large`; RequestAborted
 */
export function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Node refuses a length that is not a number, and one beside chunks.
    if (Number(req.headers['content-length'] ?? 0) > limit) {
      reject(new RequestProblem('body-too-large'))
      return
    }
    let chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else {
        // The rest flows by, unkept, until the sender or the request's time-out ends it.
        chunks = []
        reject(new RequestProblem('body-too-large'))
      }
    })
    req.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    // After the end it comes too, and an error that nobody waits for would be made for each delivery.
    req.once('close', () => {
      if (!req.complete) reject(new RequestAborted('the connection was closed before the body was whole'))
    })
    req.once('error', (cause) => reject(new RequestAborted('the body could not be read', { cause })))
  })
}

/** What is read of a refused body, so that its sender gets the answer: bytes, and milliseconds. */
export interface LingerOptions {
  readonly bytes: number
  readonly ms: number
}

/**
 * Reads on, and keeps nothing, until the body is whole or enough was read. A connection that is closed with unread
 * bytes is reset, and the answer with it: the sender would see a failure of the network, and try for ever.
 */
export function lingerOver(req: IncomingMessage, { bytes, ms }: LingerOptions): Promise<void> {
  // Who waits to be told to go on has sent nothing.
  if (req.complete || req.destroyed || req.headers.expect !== undefined) return Promise.resolve()
  return new Promise((resolve) => {
    let size = 0
    const timer = setTimeout(resolve, ms)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > bytes) done()
    })
    req.once('end', done).once('close', done).once('error', done)
    req.resume()
  })
}

/** Closes the connection of a request that was answered and whose body goes on for longer, or for more, than that. */
export function cutAfter(req: IncomingMessage, { bytes, ms }: LingerOptions): void {
  if (req.complete || req.destroyed) return
  const cut = (): void => void req.socket.destroy()
  const timer = setTimeout(cut, ms)
  const settle = (): void => clearTimeout(timer)
  let size = 0
  req.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > bytes) cut()
  })
  req.once('end', settle).once('close', settle)
}
