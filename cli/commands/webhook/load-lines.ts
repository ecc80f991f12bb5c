import { table } from '../../output.ts'
import type { LoadSummary } from '../../webhook/send-many.ts'

/** What became of many deliveries, for a person. */
export function loadLines({ count, answers, seconds, rate, p50, p99 }: LoadSummary): readonly string[] {
  const rows = [...answers].map(([name, each]) => [String(each), name])
  return [
    table(rows),
    `${count} deliveries in ${seconds.toFixed(2)} s, ${rate.toFixed(0)} a second; answered in ${p50.toFixed(1)} ms (median), ${p99.toFixed(1)} ms (99 of 100)`,
  ]
}
