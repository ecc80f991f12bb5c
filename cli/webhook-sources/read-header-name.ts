import type { MemberReader } from './member-reader.ts'

const HEADER_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
/** Headers that say how a request is carried: a proxy writes them anew, or the server reads them itself. */
const TAKEN: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'proxy-authorization',
  'proxy-connection',
  'referer',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
])

/** The header that has the signature or the key. */
export function readHeaderName(reader: MemberReader, fallback: string): string {
  const name = reader.text('header', HEADER_NAME, 'the name of a header in lower case', fallback)
  if (TAKEN.has(name))
    reader.wrong('header', `cannot be ${name}, which has another use: name one of the sender's own`)
  return name
}
