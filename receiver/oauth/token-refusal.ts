/** Every refusal of the token endpoint: status, `error` (RFC 6749 §5.2), and what to do. */
const REFUSALS = {
  'request-malformed': [400, 'invalid_request', 'The body cannot be read as form parameters.'],
  'body-too-large': [413, 'invalid_request', 'The body is larger than 8 KiB.'],
  'media-type-unsupported': [
    415,
    'invalid_request',
    'Send application/x-www-form-urlencoded in UTF-8, not compressed.',
  ],
  'grant-unsupported': [400, 'unsupported_grant_type', 'The one grant here is client_credentials.'],
  'client-missing': [
    401,
    'invalid_client',
    'Send client id and secret by HTTP Basic, or as client_id and client_secret in the body.',
  ],
  // One text for both: whether there is such a client is nobody's business.
  'client-unknown': [401, 'invalid_client', 'Client id or secret are not right.'],
  'secret-wrong': [401, 'invalid_client', 'Client id or secret are not right.'],
  'client-expired': [401, 'invalid_client', 'The client has ended: ask the operator for another.'],
  'scope-refused': [400, 'invalid_scope', 'The client has not every scope that was asked for.'],
  'locked-out': [
    429,
    'temporarily_unavailable',
    'Too many wrong secrets: nothing was checked. Try again after the time in Retry-After.',
  ],
  busy: [503, 'temporarily_unavailable', 'Too many secrets wait to be checked. Try again later.'],
  'clients-unreadable': [
    503,
    'temporarily_unavailable',
    'The clients cannot be read now; the operator finds the cause in the log.',
  ],
  'ledger-unavailable': [
    503,
    'temporarily_unavailable',
    'The ledger takes no entries now, so no token was issued. Try again later.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>

export type TokenRefusalCode = keyof typeof REFUSALS
export const TOKEN_REFUSAL_CODES = Object.keys(REFUSALS) as readonly TokenRefusalCode[]

/** Seconds after which asking again may help. */
const RETRY_AFTER_S = 5

export interface TokenRefusalOptions extends ErrorOptions {
  /** What is wrong in this case. Never a value that was sent. Default: the code's own. */
  readonly detail?: string
  /** Whole seconds. Default: 5 for a 503, else none. */
  readonly retryAfterS?: number
}

/** Why no token was issued. The message is for the caller. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal'
  readonly code: TokenRefusalCode
  readonly retryAfterS: number | undefined

  constructor(code: TokenRefusalCode, { detail, retryAfterS, ...options }: TokenRefusalOptions = {}) {
    super(detail ?? REFUSALS[code][2], options)
    this.code = code
    this.retryAfterS = retryAfterS ?? (REFUSALS[code][0] === 503 ? RETRY_AFTER_S : undefined)
  }
}

export interface TokenRefusalAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly error: string; readonly error_description: string }
}

/** The answer of RFC 6749 §5.2. */
export function refusalAnswer({ code, message, retryAfterS }: TokenRefusal): TokenRefusalAnswer {
  const [status, error] = REFUSALS[code]
  return {
    status,
    headers: {
      ...(status === 401 && { 'www-authenticate': 'Basic realm="filter-ledger", charset="UTF-8"' }),
      ...(status === 415 && { 'accept-post': 'application/x-www-form-urlencoded' }),
      ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
    },
    body: { error, error_description: message },
  }
}
