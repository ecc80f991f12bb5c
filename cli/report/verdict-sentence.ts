import type { Performance } from '../../ledger/metrics/performance.ts'
import { count, counted, interval, share, tolerance as toleranceText } from './format.ts'
import type { FilterReport } from './report-data.ts'

/** How a filter stands, in a sentence or two, for who reads nothing else. */
export function verdictSentence(filter: FilterReport): string {
  const { standing, performance } = filter
  if (standing === 'alarm') return `${alarmSentence(filter)} ${evidence(performance)}`
  if (performance.tolerance === null)
    return `No tolerance is known, so there is no verdict. ${evidence(performance)}`
  if (standing === 'within')
    return `Within its tolerance of ${toleranceText(performance.tolerance)}. ${evidence(performance)}`
  if (standing === 'breached')
    return `Beyond its tolerance of ${toleranceText(performance.tolerance)}. ${evidence(performance)}`
  return `${evidence(performance)} ${stillNeeded(performance)}`
}

function alarmSentence({ version, performance, crossedIndex }: FilterReport): string {
  const which = version === null ? 'this filter' : `version ${version}`
  const since = crossedIndex === null ? '' : ` since entry ${crossedIndex}`
  const beyond = performance.tolerance === null ? '' : ` of ${toleranceText(performance.tolerance)}`
  return `All reviews of ${which} together say${since}: it is beyond its tolerance${beyond}.`
}

/** What was reviewed in the period, and what it came to. */
function evidence(performance: Performance): string {
  const { false_discovery_proportion: proportion } = performance
  if (!proportion) return `${nothing(performance)}${shadowEvidence(performance)}`
  return `${share(proportion.value)} of its reviewed interventions were wrong (95\u00a0% interval ${interval(proportion)}).${shadowEvidence(performance)}`
}

function nothing({ interventions, flagged, unclear, ...performance }: Performance): string {
  const verdicts = performance.true_positives + performance.false_positives
  if (interventions === 0 && flagged === 0)
    return 'It did nothing in this period: no intervention is recorded.'
  if (interventions === 0) return `It only flagged in this period: ${counted(flagged, 'time')}.`
  if (verdicts > 0)
    return `Its ${counted(verdicts, 'verdict')} are on decisions that were not drawn for review: they estimate nothing.`
  if (unclear > 0) return `No intervention of this period has a clear verdict: ${count(unclear)} unclear.`
  return `Nothing reviewed yet: ${counted(interventions, 'intervention')} in this period.`
}

function shadowEvidence({ shadow_false_discovery_proportion: proportion }: Performance): string {
  if (!proportion) return ''
  return ` Of what it only flagged, ${share(proportion.value)} of the reviewed were wrong (${interval(proportion)}).`
}

function stillNeeded({
  tolerance,
  reviews_to_decide: reviews,
  interventions,
  ...performance
}: Performance): string {
  const beside = tolerance === null ? 'it' : `a tolerance of ${toleranceText(tolerance)}`
  if (reviews === null)
    return `No feasible number of reviews would decide against ${beside}: the share is the tolerance, or next to it.`
  if (interventions === 0) return `To judge it against ${beside} takes reviewed interventions.`
  if (performance.false_discovery_proportion === null)
    return `At least ${counted(reviews, 'review')}, all in its favour, would show that it keeps ${beside}.`
  return `Against ${beside} this is undecided: about ${counted(reviews, 'further review')} would decide if the share stays what it is.`
}
