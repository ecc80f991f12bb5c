/** Verdicts in the order of nothing: the e-value depends on how many there are, not on their order. */
export interface VerdictCounts {
  /** Interventions that were right. */
  readonly tp: number
  /** Interventions that were wrong. */
  readonly fp: number
}

/** The chance of a false alarm over the whole life of a filter version, however often it is looked at. */
export const ALPHA = 0.05

/** How many times the tolerance each of the alternatives supposes. */
const MULTIPLIERS = [1.5, 2, 3] as const

/** m * tolerance stays below 1: an alternative is a share. */
const GREATEST_SHARE = 0.999

/**
 * ln of the e-value against "the share of wrong interventions is at most the tolerance": the mean over m in {1.5, 2, 3}
 * of the likelihood ratios m^fp * ((1 - m tol) / (1 - tol))^tp. Each ratio is a test supermartingale for every share up
 * to the tolerance, and so is their mean: by Ville's inequality, it ever reaches 1/alpha with a chance of at most alpha.
 *
 * @param tolerance 0..1
 * @returns 0 without evidence; Infinity for a false positive against a tolerance of 0; never above 0 for a tolerance of 1
 */
export function logEValue({ tp, fp }: VerdictCounts, tolerance: number): number {
  if (tolerance >= 1) return 0
  if (tolerance <= 0) return fp > 0 ? Infinity : 0
  const logs = MULTIPLIERS.map((multiplier) => {
    // Below 1 it would suppose a better filter, and take each true positive for evidence against it.
    const m = Math.max(1, Math.min(multiplier, GREATEST_SHARE / tolerance))
    return fp * Math.log(m) + tp * Math.log((1 - m * tolerance) / (1 - tolerance))
  })
  const greatest = Math.max(...logs)
  const mean = logs.reduce((sum, log) => sum + Math.exp(log - greatest), 0) / logs.length
  return greatest + Math.log(mean)
}

/** ln(1/alpha): 2.996 for 5 %. */
export function alarmLine(alpha: number): number {
  return -Math.log(alpha)
}

/** True when the evidence says "beyond the tolerance". */
export function isAlarm(logE: number, alpha: number): boolean {
  // Rounding must not keep back what reaches the line.
  return logE >= alarmLine(alpha) - 1e-12
}

/** The e-value as a share of the alarm line: 1 is the alarm. */
export function budgetUsed(logE: number, alpha: number): number {
  return Math.exp(Math.min(logE - alarmLine(alpha), 700))
}
