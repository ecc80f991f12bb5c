/**
 * Why a delivery was not verified. The first two are told to the sender; with the last two it is told to come back;
 * all others are one uniform 401, and the code goes to log and metric alone. `keys-unavailable` is our side's fault:
 * keys that cannot be fetched, secrets that have all ended; `key-unconfirmed` may be a new key, or an invented one.
 */
export const VERIFICATION_ERROR_CODES = [
  'signature-missing',
  'signature-malformed',
  'algorithm-not-allowed',
  'header-not-allowed',
  'key-id-invalid',
  'key-unknown',
  'key-unfit',
  'signature-wrong',
  'timestamp-invalid',
  'timestamp-stale',
  'timestamp-future',
  'key-unconfirmed',
  'keys-unavailable',
] as const
export type VerificationErrorCode = (typeof VERIFICATION_ERROR_CODES)[number]

export class VerificationError extends Error {
  override readonly name = 'VerificationError'
  readonly code: VerificationErrorCode

  constructor(code: VerificationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
