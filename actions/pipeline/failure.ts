import type { GenesysError } from '../genesys/genesys-error.ts'
import type { GenesysErrorCode } from '../genesys/genesys-error.ts'

export type ErrorClass =
  | 'validation'
  | 'auth'
  | 'quota'
  | 'conflict'
  | 'rate_limited'
  | 'server'
  | 'network'
  | 'timeout'
  | 'interrupted'
  /** A promotion that the reviews do not carry. */
  | 'evidence'

/** A failure in the words of the flow author and the operator. */
export interface Failure {
  readonly errorClass: ErrorClass
  /** Stable, for programs. */
  readonly errorCode: string
  /** What happened, and what to do. */
  readonly message: string
}

const CLASSES: Readonly<Record<GenesysErrorCode, ErrorClass>> = {
  invalid: 'validation',
  unauthorized: 'auth',
  forbidden: 'auth',
  'not-found': 'server',
  conflict: 'conflict',
  'limit-exceeded': 'quota',
  'rate-limited': 'rate_limited',
  server: 'server',
  network: 'network',
  timeout: 'timeout',
  unusable: 'server',
}

/** Says what a failed call to Genesys Cloud means. `waitedMs` is the time spent on rate limits. */
export function describeFailure(error: GenesysError, waitedMs: number): Failure {
  const id = error.correlationId === undefined ? '' : ` (Genesys correlation id ${error.correlationId})`
  return {
    errorClass: CLASSES[error.code],
    errorCode: `genesys_${error.code.replaceAll('-', '_')}`,
    message: explain(error, waitedMs) + id,
  }
}

function explain(error: GenesysError, waitedMs: number): string {
  switch (error.code) {
    case 'invalid':
      return `Genesys Cloud refused the payload${named(error.fields)}: ${error.message}`
    case 'unauthorized':
      return 'Genesys Cloud refused the credentials: check client id and secret, the region, and the scope ai:llm-gateway:read'
    case 'forbidden':
      return 'the OAuth client may not do this: it needs the scope ai:llm-gateway:write (and webhook:write), in the right region'
    case 'not-found':
      return 'this organization does not serve the filter API under the configured path'
    case 'conflict':
      return `Genesys Cloud reports a conflict: ${error.message}`
    case 'limit-exceeded':
      return `a limit of the organization is reached: ${error.message}`
    case 'rate-limited':
      if (error.heldBack) return error.message
      return `the rate limit did not clear: ${Math.round(waitedMs / 1000)} s were waited${retryHint(error)}`
    case 'server':
      return `Genesys Cloud failed (${error.status ?? 'no status'}): ${error.message}`
    case 'network':
      return 'Genesys Cloud could not be reached: check the network and the region'
    case 'timeout':
      return 'Genesys Cloud did not answer in time'
    case 'unusable':
      return error.message
  }
}

function named(fields: readonly string[]): string {
  return fields.length === 0 ? '' : ` (${fields.join(', ')})`
}

function retryHint({ retryAfterMs }: GenesysError): string {
  return retryAfterMs === undefined ? '' : `; it asks for ${Math.ceil(retryAfterMs / 1000)} s more`
}
