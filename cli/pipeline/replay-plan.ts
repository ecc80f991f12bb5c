import { existsSync } from 'node:fs'
import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import { rulesOf } from '../../actions/replay/filter-rules.ts'
import { replayThresholds } from '../../actions/replay/replay-thresholds.ts'
import type { CategoryReplay } from '../../actions/replay/replay-thresholds.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { CliError, EXIT } from '../exit.ts'

export interface FilterReplay {
  readonly name: string
  readonly filterId: string
  readonly categories: readonly CategoryReplay[]
}

const DAY_MS = 86_400_000

/**
 * Scores what the ledger file recorded again, for each live filter that a plan changes.
 *
 * @param from milliseconds since 1970; earlier decisions are left out
 * @throws LedgerError
 */
export async function replayPlan(
  plan: SetPlan,
  file: string,
  from?: number,
): Promise<readonly FilterReplay[]> {
  if (!existsSync(file)) throw new CliError(EXIT.usage, `${file} is not there: --replay reads a ledger file`)
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    return replayLines(plan, reader.metrics, from)
  } finally {
    await reader.close()
  }
}

function replayLines(
  { lines }: SetPlan,
  metrics: Pick<MetricsReader, 'decisions' | 'reviewed'>,
  from: number | undefined,
): readonly FilterReplay[] {
  const ids = new Set(lines.flatMap((line) => (line.action === 'create' ? [] : [line.filterId])))
  return [...ids].flatMap((filterId) => {
    // A filter that is moved aside for a moment has two lines: what counts is how it was, and how it ends.
    const own = lines.flatMap((line) =>
      line.action !== 'create' && line.filterId === filterId ? [line] : [],
    )
    const [first, last] = [own[0], own.at(-1)]
    if (!first || !last) return []
    const labels = new Map([...metrics.reviewed(filterId)].map(({ index, review }) => [index, review.label]))
    const decisions = [...metrics.decisions(filterId, from)].map((one) => ({
      ...one,
      label: labels.get(one.index),
    }))
    const after = last.action === 'delete' ? undefined : rulesOf(last.filter)
    return [
      { name: first.name, filterId, categories: replayThresholds(decisions, rulesOf(first.before), after) },
    ]
  })
}

/** Days back from now, or an instant, as milliseconds since 1970. @throws CliError */
export function sinceOf(text: string, now: Date): number {
  if (/^\d{1,5}$/.test(text)) return now.getTime() - Number(text) * DAY_MS
  const at = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new CliError(
    EXIT.usage,
    '--since takes days, such as 30, or an instant, such as 2026-05-01T00:00:00Z',
  )
}
