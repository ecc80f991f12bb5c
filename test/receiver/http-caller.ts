import { request } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The text as JSON, or undefined where it is none. */
  readonly json: unknown
}

export interface CallOptions {
  readonly method?: string
  /** A list as a value sends the header that many times. */
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Uint8Array
  /** Sent without a length. */
  readonly chunked?: boolean
}

/** One request on a connection of its own. No header is added but `host` and the body's length. */
export function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const { method = 'GET', body, chunked = false } = options
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const length = bytes && !chunked ? { 'content-length': bytes.length } : {}
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers: { ...length, ...options.headers } })
    answerOf(sent).then(resolve, reject)
    if (bytes && chunked) sent.write(bytes)
    sent.end(chunked ? undefined : bytes)
  })
}

/** Waits for the whole answer of a request. */
export function answerOf(sent: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) })
      })
    })
  })
}

/** Sends bytes that no HTTP client would, and returns the status of the answer; undefined for a cut connection. */
export function sendBytes(url: string, bytes: Uint8Array): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // Whoever closes half-way may reset the connection; what was answered until then counts.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(Buffer.concat(chunks).toString('latin1'))?.[1]
      resolve(status === undefined ? undefined : Number(status))
    })
    socket.write(bytes)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
