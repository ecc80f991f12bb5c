import { asRecord } from '../../ledger/entry/as-record.ts'
import { GenesysError } from './genesys-error.ts'
import type { GenesysErrorCode } from './genesys-error.ts'
import { retryAfterMs } from './retry-policy.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

/** How a token endpoint says no to the client (RFC 6749 §5.2), or is not there at all. */
const REFUSED_LOGIN: ReadonlySet<number> = new Set([400, 401, 403, 404])

/**
 * Puts what the SDK rejects with into a GenesysError. With extended responses on it is a plain object for an
 * answered call, the client's own error for a login and for a call that got no answer, a text for misuse.
 */
export function toGenesysError(failure: unknown, now: Date, during: 'login' | 'api'): GenesysError {
  if (failure instanceof GenesysError) return failure
  const answer = answerOf(failure)
  if (!answer) return unanswered(failure, during)
  const { status, headers, body } = answer
  const code = during === 'login' && REFUSED_LOGIN.has(status) ? 'unauthorized' : codeOf(status, body)
  const correlationId = headers['inin-correlation-id']
  const wait = retryAfterMs(headers, now.getTime())
  return new GenesysError(code, messageOf(answer), {
    status,
    ...(correlationId !== undefined && { correlationId }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    fields: fieldsOf(body),
    // A refusal changed nothing; what a broken server did before it answered is not known.
    outcome: during === 'api' && (status === 408 || status >= 500) ? 'unknown' : 'not-applied',
  })
}

function answerOf(failure: unknown): Answer | undefined {
  const outer = asRecord(failure)
  const response = typeof outer['status'] === 'number' ? outer : asRecord(outer['response'])
  if (typeof response['status'] !== 'number') return undefined
  return {
    status: response['status'],
    headers: asRecord(response['headers']) as Record<string, string>,
    body: asRecord(response['body'] ?? response['data']),
  }
}

function unanswered(failure: unknown, during: 'login' | 'api'): GenesysError {
  const timedOut = asRecord(failure)['timedOut'] === true
  const message = timedOut ? 'Genesys Cloud did not answer in time' : 'Genesys Cloud could not be reached'
  // Without a login the call itself was never sent.
  const outcome = during === 'login' ? 'not-applied' : 'unknown'
  return new GenesysError(timedOut ? 'timeout' : 'network', message, { outcome, cause: failure })
}

function codeOf(status: number, body: Readonly<Record<string, unknown>>): GenesysErrorCode {
  if (body['limit'] !== undefined && status !== 429) return 'limit-exceeded'
  const known: Readonly<Record<number, GenesysErrorCode>> = {
    400: 'invalid',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'not-found',
    408: 'timeout',
    409: 'conflict',
    422: 'invalid',
    425: 'server',
    429: 'rate-limited',
  }
  return known[status] ?? (status >= 500 ? 'server' : 'unusable')
}

/** The server's own words, cut to a sane length; never the request, which holds the credentials. */
function messageOf({ status, body }: Answer): string {
  const { message, error_description: description } = body
  const text = [message, description].find((each) => typeof each === 'string')
  return text === undefined ? `Genesys Cloud answered ${status}` : wellFormed(text.slice(0, 500))
}

/** No entry of the ledger can hold half a surrogate pair, and a failure has to be recorded. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function fieldsOf(body: Readonly<Record<string, unknown>>): readonly string[] {
  const details: readonly unknown[] = Array.isArray(body['details']) ? body['details'] : []
  return details
    .map((detail) => asRecord(detail)['fieldName'])
    .filter((name) => typeof name === 'string')
    .map(wellFormed)
}
