/** Every refusal the sandbox can utter. Spelled like the codes of the Genesys Cloud platform API. */
export type SandboxErrorCode =
  | 'bad.request'
  | 'invalid.value'
  | 'missing.value'
  | 'unknown.property'
  | 'authentication.required'
  | 'bad.credentials'
  | 'missing.permissions'
  | 'missing.any.permissions'
  | 'not.authorized'
  | 'not.found'
  | 'method.not.allowed'
  | 'duplicate.name'
  | 'duplicate.priority'
  | 'version.mismatch'
  | 'general.conflict'
  | 'limit.exceeded'
  | 'request.entity.too.large'
  | 'unsupported.media.type'
  | 'too.many.requests'
  | 'internal.server.error'
  | 'not.implemented'
  | 'service.unavailable'
  | 'request.timeout'

const STATUS: Readonly<Record<SandboxErrorCode, number>> = {
  'bad.request': 400,
  'invalid.value': 400,
  'missing.value': 400,
  'unknown.property': 400,
  'authentication.required': 401,
  'bad.credentials': 401,
  'missing.permissions': 403,
  'missing.any.permissions': 403,
  'not.authorized': 403,
  'not.found': 404,
  'method.not.allowed': 405,
  'duplicate.name': 409,
  'duplicate.priority': 409,
  'version.mismatch': 409,
  'general.conflict': 409,
  'limit.exceeded': 409,
  'request.entity.too.large': 413,
  'unsupported.media.type': 415,
  'too.many.requests': 429,
  'internal.server.error': 500,
  'not.implemented': 501,
  'service.unavailable': 503,
  'request.timeout': 504,
}

/** One thing that is wrong, in the words of `ErrorBody.details`. */
export interface ErrorDetail {
  readonly errorCode: string
  /** Path of the member, for example `config.thresholds.toxicity`. */
  readonly fieldName?: string
  readonly entityId?: string
  readonly entityName?: string
}

/** The limit that was reached, in the words of `ErrorBody.limit`. */
export interface ReachedLimit {
  readonly key: string
  readonly namespace: string
  readonly value: number
}

/** One violation of a payload's rules. */
export interface Violation {
  readonly code: 'invalid.value' | 'missing.value' | 'unknown.property'
  readonly fieldName: string
  readonly message: string
}

export interface SandboxErrorOptions extends ErrorOptions {
  readonly messageParams?: Readonly<Record<string, string>>
  readonly details?: readonly ErrorDetail[]
  readonly violations?: readonly Violation[]
  readonly limit?: ReachedLimit
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal on its way to the caller. Misuse by the programmer is a `TypeError` instead. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError'
  readonly code: SandboxErrorCode
  readonly status: number
  readonly messageParams: Readonly<Record<string, string>>
  readonly details: readonly ErrorDetail[]
  readonly violations: readonly Violation[]
  readonly limit: ReachedLimit | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: SandboxErrorCode, message: string, options: SandboxErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.status = STATUS[code]
    this.messageParams = options.messageParams ?? {}
    this.details = options.details ?? []
    this.violations = options.violations ?? []
    this.limit = options.limit
    this.headers = options.headers ?? {}
  }
}

/** Refuses a payload with all its violations at once. Does nothing when there is none. */
export function refuseViolations(violations: readonly Violation[]): void {
  const [first] = violations
  if (first === undefined) return
  throw new SandboxError(first.code, first.message, {
    details: violations.map(({ code, fieldName }) => ({ errorCode: code, fieldName })),
    violations,
  })
}
