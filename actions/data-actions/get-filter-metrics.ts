import { filterNumbers } from '../../ledger/metrics/metrics-summary.ts'
import type { FilterNumbers } from '../../ledger/metrics/metrics-summary.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import type { FilterRecords } from '../../ledger/projections/filter-records.ts'
import type { ActionContract, OutputFields } from '../contract/action-contract.ts'
import { emptyAnswer } from '../contract/empty-answer.ts'
import { validateInput } from '../validate.ts'
import type { DataAction } from './action.ts'
import { dropUnset } from './flat-input.ts'
import { NamedFilterInput, READ_REFUSALS, READ_STATUSES } from './get-filter.ts'
import { inputRefusal } from './input-refusal.ts'
import { knownFilter } from './known-filter.ts'

interface MetricsAnswer {
  readonly status: 'found' | 'unknown' | 'rejected'
  readonly errorCode: string
  readonly message: string
  readonly filterId: string
  readonly filterName: string
  readonly blocked: number
  readonly redacted: number
  readonly flagged: number
  readonly passed: number
  readonly errorBlocked: number
  readonly bypassed: number
  readonly totalBlocks: number
  readonly reviewed: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly unclear: number
  readonly falseDiscoveryProportion: number
  readonly falseDiscoveryLow: number
  readonly falseDiscoveryHigh: number
  readonly falsePositiveRate: number
  readonly evaluations: number
  readonly interventionRate: number
  readonly tolerance: number
  readonly verdict: FilterNumbers['verdict']
  readonly reviewsToDecide: number
  readonly errorBudgetUsed: number
  readonly alarm: boolean
  readonly violations: readonly string[]
}

const SHARE = 'from 0 to 1; -1 where nothing can be said yet'

const OUTPUT: OutputFields<MetricsAnswer> = {
  status: ['string', 'Whether the ledger knows the filter'],
  errorCode: ['string', 'Stable, for decisions in a flow; empty when all went well'],
  message: ['string', 'For people: what is wrong, and what to do'],
  filterId: ['string', 'Its id'],
  filterName: ['string', 'Its name'],
  blocked: ['integer', 'Interventions that blocked'],
  redacted: ['integer', 'Interventions that redacted'],
  flagged: ['integer', 'Texts that were flagged and let pass'],
  passed: ['integer', 'Texts that were recorded as passed'],
  errorBlocked: ['integer', 'Texts that were blocked because the filter failed'],
  bypassed: ['integer', 'Texts that went past the filter'],
  totalBlocks: ['integer', 'Blocked or redacted'],
  reviewed: ['integer', 'Interventions with a verdict'],
  truePositives: ['integer', 'Found right by a reviewer'],
  falsePositives: ['integer', 'Found wrong by a reviewer'],
  unclear: ['integer', 'Left undecided by a reviewer'],
  falseDiscoveryProportion: ['number', `False positives among those decided, ${SHARE}`, -1],
  falseDiscoveryLow: ['number', `Lower end of its 95 % Wilson interval, ${SHARE}`, -1],
  falseDiscoveryHigh: ['number', `Upper end of its 95 % Wilson interval, ${SHARE}`, -1],
  falsePositiveRate: ['number', `False positives / totalBlocks, reviewed or not, ${SHARE}`, -1],
  evaluations: ['integer', 'Texts that were looked at, as reported; -1 where nobody reports', -1],
  interventionRate: ['number', `totalBlocks / evaluations, ${SHARE}`, -1],
  tolerance: ['number', 'The filter\u2019s false_positive_tolerance; -1 where not known', -1],
  verdict: ['string', 'within, breached or undecided: the interval against the tolerance'],
  reviewsToDecide: [
    'integer',
    'Further reviews until within or breached, if the proportion stays; -1 where none would decide',
    -1,
  ],
  errorBudgetUsed: [
    'number',
    'The e-value as a share of the alarm line, of the version at work; 1 is the alarm',
    -1,
  ],
  alarm: ['boolean', 'True once the version at work was found beyond its tolerance'],
  violations: ['texts', 'Each broken rule as `path: message`'],
}

const NOTHING: MetricsAnswer = { ...emptyAnswer(OUTPUT), verdict: 'undecided' }

export interface GetFilterMetricsDeps {
  readonly records: Pick<FilterRecords, 'get' | 'byName'>
  readonly metrics: MetricsReader
}

/** Get Filter Metrics: what is known of a filter's interventions and their reviews. */
export function getFilterMetricsAction({ records, metrics }: GetFilterMetricsDeps): DataAction {
  return (rawInput) => {
    const parsed = validateInput(NamedFilterInput, dropUnset(rawInput))
    if (!parsed.ok) return answer(inputRefusal(parsed.violations))
    const { filter } = parsed.value
    const found = knownFilter(records, filter)
    const filterId = found.kind === 'found' ? found.filter.filterId : filter
    // Blocks may have been recorded for a filter that no other entry tells of.
    const [numbers] = filterNumbers(metrics, filterId)
    if (numbers) return answer({ status: 'found', ...factsOf(numbers) })
    if (found.kind === 'found') return answer({ status: 'found', filterId, filterName: found.filter.name })
    const { errorCode, message } = found
    return answer({ status: 'unknown', errorCode, message })
  }
}

function answer(facts: Partial<MetricsAnswer> & Pick<MetricsAnswer, 'status'>) {
  return Promise.resolve({ ...NOTHING, ...facts })
}

function factsOf(numbers: FilterNumbers) {
  const { false_discovery_proportion: proportion } = numbers
  return {
    filterId: numbers.filter_id,
    filterName: numbers.name ?? '',
    blocked: numbers.blocked,
    redacted: numbers.redacted,
    flagged: numbers.flagged,
    passed: numbers.passed,
    errorBlocked: numbers.error_blocked,
    bypassed: numbers.bypassed,
    totalBlocks: numbers.total_blocks,
    reviewed: numbers.reviewed,
    truePositives: numbers.true_positives,
    falsePositives: numbers.false_positives,
    unclear: numbers.unclear,
    falseDiscoveryProportion: proportion?.value ?? -1,
    falseDiscoveryLow: proportion?.low ?? -1,
    falseDiscoveryHigh: proportion?.high ?? -1,
    falsePositiveRate: numbers.false_positive_rate ?? -1,
    evaluations: numbers.evaluations ?? -1,
    interventionRate: numbers.intervention_rate ?? -1,
    tolerance: numbers.tolerance ?? -1,
    verdict: numbers.verdict,
    reviewsToDecide: numbers.reviews_to_decide ?? -1,
    errorBudgetUsed: numbers.alarm.error_budget_used ?? -1,
    alarm: numbers.alarm.alarm,
  }
}

export const getFilterMetricsContract: ActionContract = {
  input: NamedFilterInput,
  output: OUTPUT,
  statuses: READ_STATUSES,
  refusals: READ_REFUSALS,
}
