import { BundleError } from '../bundle-error.ts'

/** Enough for any body that a platform would send; a template of a stranger ends there. */
const MAX_STEPS = 2_000_000
const MAX_CHARACTERS = 8_000_000

/** What is left of the work that one rendering may do. Its owner is that rendering. */
export interface Budget {
  steps: number
  characters: number
}

export function newBudget(): Budget {
  return { steps: MAX_STEPS, characters: MAX_CHARACTERS }
}

/** Takes steps off: one a node, a value, a loop, a step of a regular expression. Throws a BundleError when none is left. */
export function spendSteps(budget: Budget, count = 1): void {
  budget.steps -= count
  if (budget.steps < 0)
    throw new BundleError(
      'template-invalid',
      `the template does more than ${MAX_STEPS} steps of work: shorten its loops, or its regular expressions`,
    )
}

/** Takes characters of text off, before they are made. Throws a BundleError when none is left. */
export function spendCharacters(budget: Budget, count: number): void {
  budget.characters -= count
  if (budget.characters < 0)
    throw new BundleError(
      'template-invalid',
      `the template makes more than ${MAX_CHARACTERS} characters of text: shorten its loops`,
    )
}
