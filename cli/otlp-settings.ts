import { isSafeUrl } from '../receiver/http/safe-url.ts'
import type { OtlpTarget } from '../receiver/otlp/send-metrics.ts'
import type { EnvReader } from './env-reader.ts'

export interface OtlpConfig extends OtlpTarget {
  readonly intervalMs: number
}

const METRICS_PATH = '/v1/metrics'
/** Names of a token (RFC 9110), values of visible ASCII: what a header may be. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\x20-\x7e]+$/
/** What the export itself says. */
const OWN_HEADERS = [
  'content-type',
  'content-encoding',
  'content-length',
  'host',
  'connection',
  'transfer-encoding',
]

/** Where metrics are sent to; undefined without a URL. No problem that is told repeats a header's value. */
export function otlpSettings(reader: EnvReader): OtlpConfig | undefined {
  const intervalMs = 1000 * reader.wholeNumber('FILTER_LEDGER_OTLP_SECONDS', 60, 5, 3600)
  const headers = otlpHeaders(reader)
  const text = reader.text('FILTER_LEDGER_OTLP_URL')
  if (text === undefined) {
    if (reader.text('FILTER_LEDGER_OTLP_HEADERS') !== undefined)
      reader.problems.push('FILTER_LEDGER_OTLP_HEADERS needs FILTER_LEDGER_OTLP_URL')
    return undefined
  }
  const url = otlpUrl(text)
  if (!url) {
    reader.problems.push(
      'FILTER_LEDGER_OTLP_URL must be an http or https URL without a password, such as https://collector:4318/v1/metrics',
    )
    return undefined
  }
  if (Object.keys(headers).length > 0 && !isSafeUrl(url)) {
    reader.problems.push(
      'FILTER_LEDGER_OTLP_HEADERS may hold a secret: FILTER_LEDGER_OTLP_URL must be https for them (http only on this machine)',
    )
  }
  return { url, headers, intervalMs }
}

/** A collector's address alone means the path that OTLP gives metrics. */
function otlpUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    return undefined
  if (url.pathname === '/') url.pathname = METRICS_PATH
  return url
}

function otlpHeaders(reader: EnvReader): Readonly<Record<string, string>> {
  const text = reader.text('FILTER_LEDGER_OTLP_HEADERS')
  if (text === undefined) return {}
  const pairs = text.split(',').map(headerOf)
  const read = pairs.filter((pair) => pair !== undefined)
  if (read.length < pairs.length) {
    reader.problems.push(
      `FILTER_LEDGER_OTLP_HEADERS must be comma-separated name=value pairs, values percent-encoded where they hold , or %, and none of ${OWN_HEADERS.join(', ')}`,
    )
  }
  return Object.fromEntries(read)
}

function headerOf(text: string): readonly [string, string] | undefined {
  const at = text.indexOf('=')
  const name = text.slice(0, Math.max(at, 0)).trim().toLowerCase()
  const value = decoded(text.slice(at + 1).trim())
  if (!NAME.test(name) || OWN_HEADERS.includes(name) || value === undefined || !VALUE.test(value))
    return undefined
  return [name, value]
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
