import { VerificationError } from '../verification-error.ts'

/** How far a signed time may lie from now. */
export interface TimeWindow {
  /** Seconds that it may be old. */
  readonly windowS: number
  /** Seconds that it may lie ahead, for clocks that disagree. */
  readonly toleranceS: number
}

/**
 * The age of a signed time in seconds, negative when it lies ahead.
 *
 * @throws VerificationError `timestamp-stale`, `timestamp-future`
 */
export function ageWithin({ windowS, toleranceS }: TimeWindow, signedAt: number, now: Date): number {
  const ageS = Math.floor(now.getTime() / 1000) - signedAt
  if (ageS > windowS) throw new VerificationError('timestamp-stale', `${ageS} s old`)
  if (ageS < -toleranceS) throw new VerificationError('timestamp-future', `${-ageS} s ahead`)
  return ageS
}
