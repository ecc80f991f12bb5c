import type { Header } from './sender.ts'

/** What is written on a connection, to the byte, and how. */
export interface RawRequest {
  readonly bytes: Uint8Array
  /** Slows the writing down. Default: all at once. */
  readonly pace?: Pace
  /** True: says that nothing more follows, after the last byte. */
  readonly halfClose?: boolean
  /** How long the whole exchange may take. Default 10,000. */
  readonly timeoutMs?: number
}

export interface Pace {
  /** Bytes that are sent at once, before it begins. */
  readonly after: number
  /** Bytes in a piece. */
  readonly size: number
  /** Milliseconds before each piece. */
  readonly pauseMs: number
}

export interface PostParts {
  /** Beside `host` and `connection`, which are always there. */
  readonly headers: readonly Header[]
  readonly body: Uint8Array
  /** Default POST. */
  readonly method?: string
  /** Default: the URL's. */
  readonly target?: string
  /** Undefined: none. Default `application/json`. */
  readonly contentType?: string | undefined
  /** How the body's end is told. `none` leaves it to the headers. Default `length`. */
  readonly framing?: 'length' | 'chunked' | 'none'
}

/** The bytes of an HTTP/1.1 request, without a check of what stands in them: names keep their case and order. */
export function postBytes(url: URL, parts: PostParts): Buffer {
  const { method = 'POST', target = url.pathname + url.search, framing = 'length', body } = parts
  const contentType = 'contentType' in parts ? parts.contentType : 'application/json'
  const headers: readonly Header[] = [
    ['host', url.host],
    ['connection', 'close'],
    ...(contentType === undefined ? [] : [['content-type', contentType] as const]),
    ...framingHeaders(framing, body),
    ...parts.headers,
  ]
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ]
  return Buffer.concat([
    Buffer.from(head.join('\r\n'), 'latin1'),
    ...(framing === 'chunked' ? chunked(body) : [body]),
  ])
}

function framingHeaders(framing: NonNullable<PostParts['framing']>, body: Uint8Array): readonly Header[] {
  if (framing === 'none') return []
  return framing === 'length' ? [['content-length', String(body.length)]] : [['transfer-encoding', 'chunked']]
}

const CHUNK_BYTES = 16_384

/** RFC 9112 §7.1. */
function chunked(body: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    const chunk = body.subarray(at, at + CHUNK_BYTES)
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return [...parts, Buffer.from('0\r\n\r\n')]
}
