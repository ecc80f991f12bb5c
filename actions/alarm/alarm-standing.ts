import { alarmLine, ALPHA, budgetUsed, isAlarm, logEValue } from '../../ledger/statistics/e-process.ts'
import { groupRows } from '../../ledger/metrics/group-rows.ts'
import type { MetricFilter, MetricsReader, MetricVersion } from '../../ledger/metrics/metrics-reader.ts'
import { versionInForce } from '../../ledger/metrics/version-in-force.ts'

/** How the evidence against a filter version stands now. */
export interface AlarmStanding extends MetricVersion {
  /** ln of the e-value; null without a tolerance. At most 700, so that every number made of it is finite. */
  readonly logE: number | null
  /** As a share of the alarm line; null without a tolerance. */
  readonly budgetUsed: number | null
  /** It reached the line once. Later verdicts do not take that back: the chance of a false alarm counts it. */
  readonly inAlarm: boolean
  /** It is what decides now: of a filter that is there, enabled, and has no later version. */
  readonly inForce: boolean
}

const GREATEST_LOG = 700

/** Every filter version that the metrics know, with its evidence. */
export function alarmStandings({
  filters,
  versions,
}: Pick<MetricsReader, 'filters' | 'versions'>): readonly AlarmStanding[] {
  const filterOf = new Map(filters().map((filter) => [filter.filterId, filter]))
  const all = versions()
  const versionsOf = groupRows(all, ({ filterId }) => filterId)
  return all.map((version) => {
    const { filterId, tolerance, alarmTp: tp, alarmFp: fp } = version
    const logE = tolerance === null ? null : Math.min(logEValue({ tp, fp }, tolerance), GREATEST_LOG)
    const filter = filterOf.get(filterId)
    const current = filter && versionInForce(filter, versionsOf.get(filterId) ?? [])
    return {
      ...version,
      logE,
      budgetUsed: logE === null ? null : budgetUsed(logE, ALPHA),
      inAlarm: version.crossedIndex !== null,
      inForce: isActive(filter) && version.version === current?.version,
    }
  })
}

function isActive(filter: MetricFilter | undefined): boolean {
  return filter?.state === 'enabled' || filter?.state === 'unknown'
}

/** How many filters are watched at once: those that are there and have a tolerance. */
export function watchedFilters({ filters }: Pick<MetricsReader, 'filters'>): number {
  return filters().filter(({ state, tolerance }) => state !== 'deleted' && tolerance !== null).length
}

/**
 * True when the evidence carries an automatic action: alpha is divided by the number of filters that are watched, so that
 * the chance of any wrong action among them all is at most alpha (Bonferroni).
 */
export function carriesAction(logE: number, watched: number): boolean {
  return isAlarm(logE, ALPHA / Math.max(1, watched))
}

/** The e-value that an automatic action needs. */
export function actionLine(watched: number): number {
  return Math.round(Math.exp(alarmLine(ALPHA / Math.max(1, watched))))
}
