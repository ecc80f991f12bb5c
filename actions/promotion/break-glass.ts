/** In characters (code points), with white space at the ends and in a row left out. */
export const MIN_REASON_LENGTH = 10
export const MAX_REASON_LENGTH = 1024

/**
 * What is wrong with the reason of a promotion that goes past the evidence; undefined when nothing is. One line that
 * says what to do.
 */
export function breakGlassProblem(reason: string | undefined): string | undefined {
  const text = (reason ?? '').replace(/\s+/gu, ' ').trim()
  const length = Array.from(text).length
  if (length === 0) {
    return `break-glass needs a reason: say in at least ${MIN_REASON_LENGTH} characters why this cannot wait for reviews`
  }
  if (length < MIN_REASON_LENGTH) {
    return `the reason for break-glass has ${length} of at least ${MIN_REASON_LENGTH} characters: say why this cannot wait for reviews`
  }
  if (Array.from(reason ?? '').length > MAX_REASON_LENGTH) {
    return `the reason for break-glass is longer than ${MAX_REASON_LENGTH} characters: shorten it, and name a ticket`
  }
  return /(?!\s)\p{Cc}|\p{Surrogate}/u.test(text)
    ? 'the reason for break-glass holds control characters: write it as plain text'
    : undefined
}
