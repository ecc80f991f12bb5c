/**
 * Which of many filter versions are beyond their tolerance, when all are looked at together: the e-BH procedure (Wang and
 * Ramdas 2022). Of those it names, at most a share `alpha` is named wrongly on average, however their evidence
 * hangs together. It is for a report: an action on a single filter keeps to the alarm line.
 *
 * @param logEs ln of the e-value of each, as it stands now: not the greatest it ever had
 * @param alpha 0..1
 * @returns for each, whether it is a discovery
 */
export function discoveries(logEs: readonly number[], alpha: number): readonly boolean[] {
  const descending = [...logEs].sort((a, b) => b - a)
  // k of them, if the k-th greatest is at least K / (k alpha). Rounding must not keep back what reaches that line.
  const line = (k: number): number => Math.log(logEs.length / (k * alpha)) - 1e-12
  const count = descending.findLastIndex((logE, i) => logE >= line(i + 1)) + 1
  const least = count === 0 ? Infinity : (descending[count - 1] ?? Infinity)
  return logEs.map((logE) => count > 0 && logE >= least)
}
