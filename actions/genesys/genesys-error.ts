/** Why a call to Genesys Cloud failed. `unusable` is an answer that is not what the API documents. */
export type GenesysErrorCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'limit-exceeded'
  | 'rate-limited'
  | 'server'
  | 'network'
  | 'timeout'
  | 'unusable'

export interface GenesysErrorOptions extends ErrorOptions {
  readonly status?: number
  /** Genesys' own id of the request, for its support. */
  readonly correlationId?: string
  /** What the server says to wait. */
  readonly retryAfterMs?: number
  /** The fields it names. */
  readonly fields?: readonly string[]
  /** Whether the request may have taken effect all the same. */
  readonly outcome: 'not-applied' | 'unknown'
  /** Never sent: our own limit stood in its way. */
  readonly heldBack?: boolean
}

/** What the SDK rejects with (plain objects, texts, AxiosErrors), put into one class. Holds no secret. */
export class GenesysError extends Error {
  override readonly name = 'GenesysError'
  readonly code: GenesysErrorCode
  readonly status: number | undefined
  readonly correlationId: string | undefined
  readonly retryAfterMs: number | undefined
  readonly fields: readonly string[]
  readonly outcome: 'not-applied' | 'unknown'
  /** True when the request was never sent: our own limit stood in its way. */
  readonly heldBack: boolean

  constructor(code: GenesysErrorCode, message: string, options: GenesysErrorOptions) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status
    this.correlationId = options.correlationId
    this.retryAfterMs = options.retryAfterMs
    this.fields = options.fields ?? []
    this.outcome = options.outcome
    this.heldBack = options.heldBack ?? false
  }

  /** True for what may go away by itself: rate limits, faults of the server, the network, time-outs. */
  get transient(): boolean {
    return ['rate-limited', 'server', 'network', 'timeout'].includes(this.code)
  }
}
