import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { CliError, EXIT } from '../exit.ts'
import { systemCode } from '../system-code.ts'
import type { RawRequest } from './raw-request.ts'
import { readAnswer } from './read-answer.ts'
import type { HttpAnswer } from './read-answer.ts'

/** What became of a request: an answer, or none. */
export type RawOutcome = { readonly ms: number } & (
  | ({ readonly kind: 'answered' } & HttpAnswer)
  /** The other side hung up, or what it said was no HTTP. */
  | { readonly kind: 'closed' }
  /** Nothing whole came in time. */
  | { readonly kind: 'timeout' }
)

const DEFAULT_TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 65_536
/** Written at a time: whoever has answered already gets no more. */
const PIECE_BYTES = 65_536

/**
 * Opens a connection of its own, writes the bytes as they are and reads one answer, of at most 64 KiB. A server that
 * refuses a request in the middle may reset the connection; what it had answered until then counts.
 *
 * @throws CliError `unreachable` when there is nobody to connect to
 */
export async function sendRaw(url: URL, request: RawRequest): Promise<RawOutcome> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = request
  const startedAt = performance.now()
  const socket = open(url)
  const answer = receive(socket, timeoutMs)
  try {
    await connected(socket, url, timeoutMs)
    await write(socket, request, answer.isSettled)
    return { ...(await answer.outcome), ms: performance.now() - startedAt }
  } finally {
    socket.destroy()
  }
}

function open({ protocol, hostname, port }: URL): Socket {
  // A URL writes an IPv6 address in brackets.
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'http:') return connectTcp({ host, port: Number(port || 80) })
  return connectTls({ host, port: Number(port || 443), servername: host, ALPNProtocols: ['http/1.1'] })
}

function connected(socket: Socket, { protocol, host }: URL, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (what: string, cause?: unknown): void => {
      reject(new CliError(EXIT.unreachable, `${host} ${what}`, { cause }))
    }
    const timer = setTimeout(() => refuse(`took no connection within ${timeoutMs / 1000} s`), timeoutMs)
    socket.once('error', (error) => refuse(`cannot be reached (${systemCode(error)})`, error))
    socket.once(protocol === 'http:' ? 'connect' : 'secureConnect', resolve)
    socket.once('close', () => clearTimeout(timer))
    socket.once(protocol === 'http:' ? 'connect' : 'secureConnect', () => clearTimeout(timer))
  })
}

type Outcome = ({ readonly kind: 'answered' } & HttpAnswer) | { readonly kind: 'closed' | 'timeout' }

function receive(socket: Socket, timeoutMs: number) {
  let received = Buffer.alloc(0)
  let settled = false
  const outcome = new Promise<Outcome>((resolve) => {
    const settle = (result: Outcome): void => {
      settled = true
      clearTimeout(timer)
      resolve(result)
    }
    const read = (isOver: boolean): void => {
      const answer = readAnswer(received, isOver)
      if (answer) settle({ kind: 'answered', ...answer })
      else if (isOver) settle({ kind: 'closed' })
    }
    const timer = setTimeout(() => settle({ kind: 'timeout' }), timeoutMs)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      read(received.length > MAX_ANSWER_BYTES)
    })
    // A reset is no error here: it is one way to say no.
    socket.on('error', () => undefined)
    socket.once('close', () => read(true))
  })
  return { outcome, isSettled: () => settled }
}

async function write(
  socket: Socket,
  { bytes, pace, halfClose }: RawRequest,
  isSettled: () => boolean,
): Promise<void> {
  const { after, size, pauseMs } = pace ?? { after: 0, size: PIECE_BYTES, pauseMs: 0 }
  let at = 0
  while (at < bytes.length) {
    const isEarly = at < after
    if (pace && !isEarly) await sleep(pauseMs)
    if (isSettled() || socket.destroyed) return
    const next = isEarly ? after : at + size
    await written(socket, bytes.subarray(at, next))
    at = next
  }
  if (halfClose) socket.end()
}

/** Ends when the bytes are handed over, or cannot be any more. */
function written(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', resolve)
    socket.write(bytes, () => {
      socket.off('close', resolve)
      resolve()
    })
  })
}
