import { gzipSync, brotliCompressSync } from 'node:zlib'
import { signDelivery } from '../sender.ts'
import type { Sender } from '../sender.ts'
import { postBytes } from '../raw-request.ts'
import type { Pace, PostParts, RawRequest } from '../raw-request.ts'
import { ALL_SCHEMES, genuine, NO_HTTP, once, post, UNSUPPORTED } from './attack.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'

type Build = (sender: Sender) => RawRequest

function attack(name: string, description: string, expect: ExpectedAnswer, build: Build): Attack {
  return { name, schemes: ALL_SCHEMES, description, expect, steps: once(build) }
}

/** A genuine delivery with other parts around it. */
const changed =
  (parts: (sender: Sender, body: Buffer) => Partial<PostParts>): Build =>
  (sender) => {
    const { body, headers } = genuine(sender)
    const change = parts(sender, body)
    return post(sender, { body, ...change, headers: [...(change.headers ?? []), ...headers] })
  }

/** A genuine delivery with a replacement in its head's text. */
const rewritten =
  (rewrite: (head: string) => string): Build =>
  (sender) => {
    const { body, headers } = genuine(sender)
    const head = postBytes(sender.url, { body, headers }).subarray(0, -body.length).toString('latin1')
    return { bytes: Buffer.concat([Buffer.from(rewrite(head), 'latin1'), body]) }
  }

function framing(): readonly Attack[] {
  const lengthOf = (body: Buffer): string => String(body.length)
  return [
    attack(
      'length-and-chunked',
      'content-length and transfer-encoding at once, as for request smuggling',
      NO_HTTP,
      changed((_sender, body) => ({ framing: 'chunked', headers: [['content-length', lengthOf(body)]] })),
    ),
    attack(
      'length-twice',
      'two content-length headers that differ',
      NO_HTTP,
      changed(() => ({ headers: [['content-length', '5']] })),
    ),
    attack(
      'length-signed',
      'a content-length with a plus sign',
      NO_HTTP,
      changed((_sender, body) => ({ framing: 'none', headers: [['content-length', `+${lengthOf(body)}`]] })),
    ),
    attack(
      'transfer-encoding-unknown',
      'a transfer-encoding that ends with another than chunked',
      NO_HTTP,
      changed(() => ({ framing: 'none', headers: [['transfer-encoding', 'chunked, identity']] })),
    ),
    attack(
      'chunk-size-garbled',
      'a chunk whose size is no number',
      NO_HTTP,
      changed(() => ({ framing: 'none', headers: [['transfer-encoding', 'chunked']] })),
    ),
    attack(
      'header-space-before-colon',
      'a space between a header’s name and its colon',
      NO_HTTP,
      rewritten((head) => head.replace('content-length:', 'content-length :')),
    ),
    attack(
      'header-folded',
      'a header that goes on in the next line',
      NO_HTTP,
      rewritten((head) => head.replace('connection: close', 'connection: close\r\nx-a: b\r\n c')),
    ),
    attack(
      'header-null',
      'a NUL in a header',
      NO_HTTP,
      changed(() => ({ headers: [['x-a', 'b\0c']] })),
    ),
    attack(
      'header-bare-cr',
      'a carriage return alone in a header',
      NO_HTTP,
      changed(() => ({ headers: [['x-a', 'b\rx-c: d']] })),
    ),
    attack(
      'host-missing',
      'HTTP/1.1 without a host',
      NO_HTTP,
      rewritten((head) => head.replace(/^host: .*\r\n/m, '')),
    ),
    attack(
      'headers-too-large',
      'more headers than a server reads',
      { status: 431 },
      changed(() => ({ headers: [['x-a', 'a'.repeat(40_000)]] })),
    ),
    attack('body-cut-short', 'a body that ends before its length', NO_HTTP, (sender) => {
      const { bytes } = post(sender, genuine(sender))
      return { bytes: bytes.subarray(0, -10), halfClose: true }
    }),
  ]
}

function mediaTypes(): readonly Attack[] {
  const typed = (name: string, what: string, contentType: string | undefined): Attack =>
    attack(
      `content-type-${name}`,
      `a content type that is ${what}`,
      UNSUPPORTED,
      changed(() => ({ contentType })),
    )
  return [
    typed('missing', 'not there', undefined),
    typed('text', 'plain text', 'text/plain'),
    typed('form', 'a form', 'application/x-www-form-urlencoded'),
    typed('jwt', 'a security event token', 'application/secevent+jwt'),
    typed('list', 'a list', 'application/json, text/plain'),
    typed('utf-16', 'JSON in UTF-16', 'application/json; charset=utf-16'),
    typed('latin-1', 'JSON in ISO 8859-1', 'application/json; charset=iso-8859-1'),
    typed('two-charsets', 'JSON in two charsets', 'application/json; charset=utf-8; charset=utf-16'),
  ]
}

function codings(): readonly Attack[] {
  /** Compressed, and signed over what is sent, or over what comes out. */
  const coded =
    (coding: string, compress: (body: Buffer) => Buffer, over: 'sent' | 'inflated'): Build =>
    (sender) => {
      const { body, headers } = genuine(sender)
      const sent = compress(body)
      const signature = over === 'sent' ? signDelivery(sender, sent) : headers
      return post(sender, { body: sent, headers: [['content-encoding', coding], ...signature] })
    }
  const bomb = (): Buffer => gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '))
  return [
    attack(
      'gzip-signed-inflated',
      'gzip, signed over what comes out of it',
      UNSUPPORTED,
      coded('gzip', gzipSync, 'inflated'),
    ),
    attack(
      'gzip-signed-as-sent',
      'gzip, signed over the compressed bytes',
      UNSUPPORTED,
      coded('gzip', gzipSync, 'sent'),
    ),
    attack(
      'brotli',
      'brotli, signed over what comes out of it',
      UNSUPPORTED,
      coded('br', brotliCompressSync, 'inflated'),
    ),
    attack(
      'gzip-in-disguise',
      'a list of codings that begins with identity',
      UNSUPPORTED,
      coded('identity, gzip', gzipSync, 'inflated'),
    ),
    attack('gzip-bomb', '50 MiB of spaces in 51 kB', UNSUPPORTED, coded('gzip', bomb, 'sent')),
  ]
}

/** One byte more than any receiver can be set to take. */
const TOO_LARGE_BYTES = 10_485_761

/**
 * Who refuses in the middle may reset the connection, and a write that comes after that loses the answer: between two
 * pieces there is time for it to arrive.
 */
const WITH_TIME_TO_LISTEN: Pace = { after: 65_536, size: 65_536, pauseMs: 20 }

function sizes(): readonly Attack[] {
  const tooLarge: ExpectedAnswer = { status: 413, problem: 'body-too-large' }
  const large =
    (framing: 'length' | 'chunked'): Build =>
    (sender) => {
      const body = Buffer.alloc(TOO_LARGE_BYTES, ' ')
      return { ...post(sender, { ...genuine(sender, body), framing }), pace: WITH_TIME_TO_LISTEN }
    }
  return [
    attack(
      'body-too-large',
      'a signed body of more than 10 MiB, and its length says so',
      tooLarge,
      large('length'),
    ),
    attack(
      'body-too-large-chunked',
      'a signed body of more than 10 MiB in chunks',
      tooLarge,
      large('chunked'),
    ),
  ]
}

function routes(): readonly Attack[] {
  const method: ExpectedAnswer = { status: 405, problem: 'method-not-allowed' }
  const deeper = ({ url }: Sender): string => `${url.pathname.replace(/\/$/, '')}/other`
  return [
    attack(
      'method-get',
      'a delivery by GET',
      method,
      changed(() => ({ method: 'GET' })),
    ),
    attack(
      'method-put',
      'a delivery by PUT',
      method,
      changed(() => ({ method: 'PUT' })),
    ),
    attack(
      'method-override',
      'a GET that asks to be taken as a POST',
      method,
      changed(() => ({ method: 'GET', headers: [['x-http-method-override', 'POST']] })),
    ),
    attack(
      'route-unknown',
      'a genuine delivery to a route that there is not',
      { status: 404, problem: 'not-found' },
      changed((sender) => ({ target: deeper(sender) })),
    ),
    attack(
      'content-type-twice',
      'a second content type, so that two readers could take the body for two things',
      UNSUPPORTED,
      changed(() => ({ headers: [['content-type', 'text/plain']] })),
    ),
  ]
}

function slow(): readonly Attack[] {
  const late: ExpectedAnswer = { status: 408 }
  const paced = (name: string, description: string, isInBody: boolean): Attack => ({
    ...attack(name, description, late, (sender) => {
      const { body, headers } = genuine(sender)
      const { bytes } = post(sender, { body, headers })
      const after = isInBody ? bytes.length - body.length : 20
      return { bytes, pace: { after, size: 1, pauseMs: 1000 }, timeoutMs: 75_000 }
    }),
    isSlow: true,
  })
  return [
    paced('slow-headers', 'headers that come a byte a second', false),
    paced('slow-body', 'a body that comes a byte a second', true),
  ]
}

/** Genuinely signed, framed or labelled in a way that two readers could understand differently. */
export const TRANSPORT_ATTACKS: readonly Attack[] = [
  ...framing(),
  ...mediaTypes(),
  ...codings(),
  ...sizes(),
  ...routes(),
  ...slow(),
]
