import type { AlarmNumbers } from '../../ledger/metrics/metrics-summary.ts'
import type { Performance } from '../../ledger/metrics/performance.ts'

/** How a filter stands against its tolerance, the most urgent first. */
export const STANDINGS = ['alarm', 'breached', 'undecided', 'no_tolerance', 'within'] as const
export type Standing = (typeof STANDINGS)[number]

/** An alarm holds, whatever a period says: it was reached with all the evidence on the version. */
export function standingOf(performance: Performance, alarm: AlarmNumbers): Standing {
  if (alarm.alarm) return 'alarm'
  return performance.tolerance === null ? 'no_tolerance' : performance.verdict
}

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  alarm: 'Alarm',
  breached: 'Breached',
  undecided: 'Undecided',
  no_tolerance: 'No tolerance',
  within: 'Within',
}
