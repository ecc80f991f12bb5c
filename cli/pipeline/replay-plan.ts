import type { PlanLine } from '../../actions/pipeline/plan-line.ts'
import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import { rulesOf, sameRules } from '../../actions/replay/filter-rules.ts'
import { replayThresholds } from '../../actions/replay/replay-thresholds.ts'
import type { CategoryReplay, ReplayedDecision } from '../../actions/replay/replay-thresholds.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'

/** One filter of a plan. `new`: nothing of it is recorded. `same`: only what decides nothing changes, its name say. */
export type FilterReplay =
  | { readonly kind: 'new'; readonly name: string }
  | { readonly kind: 'same'; readonly name: string; readonly filterId: string }
  | {
      readonly kind: 'replayed'
      readonly name: string
      readonly filterId: string
      /** It is off now: what it recorded while it was on is scored as if it had stayed on. */
      readonly off: boolean
      readonly categories: readonly CategoryReplay[]
    }

type Metrics = Pick<MetricsReader, 'decisions' | 'reviewed'>
type LiveLine = Exclude<PlanLine, { readonly action: 'create' }>

const DAY_MS = 86_400_000

/**
 * Scores what the ledger file recorded again, for each filter that a plan changes. Memory grows with the reviewed
 * decisions of a filter, not with all.
 *
 * @param since milliseconds since 1970; decisions that occurred earlier are left out
 * @throws LedgerError
 */
export async function replayPlan(
  { lines }: Pick<SetPlan, 'lines'>,
  file: string,
  since?: number,
): Promise<readonly FilterReplay[]> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const live = lines.filter((line): line is LiveLine => line.action !== 'create')
    const ids = [...new Set(live.map(({ filterId }) => filterId))]
    return [
      ...ids.flatMap((filterId) =>
        replayFilter(
          live.filter((line) => line.filterId === filterId),
          reader.metrics,
          since,
        ),
      ),
      ...lines.flatMap(({ action, name }) => (action === 'create' ? [{ kind: 'new' as const, name }] : [])),
    ]
  } finally {
    await reader.close()
  }
}

/** A filter that is moved aside for a moment has two lines: what counts is how it was, and how it ends. */
function replayFilter(
  lines: readonly LiveLine[],
  metrics: Metrics,
  since: number | undefined,
): readonly FilterReplay[] {
  const [first, last] = [lines[0], lines.at(-1)]
  if (!first || !last) return []
  const { name, filterId } = first
  const before = rulesOf(first.before)
  const after = last.action === 'delete' ? undefined : rulesOf(last.filter)
  if (after && sameRules(before, after)) return [{ kind: 'same', name, filterId }]
  const categories = replayThresholds(labelled(metrics, filterId, since), before, after)
  return [{ kind: 'replayed', name, filterId, off: !before.enabled, categories }]
}

function* labelled(metrics: Metrics, filterId: string, since = -Infinity): Generator<ReplayedDecision> {
  const labels = new Map([...metrics.reviewed(filterId)].map(({ index, review }) => [index, review.label]))
  for (const decision of metrics.decisions(filterId))
    if (decision.occurredAt >= since) yield { ...decision, label: labels.get(decision.index) }
}

/** Days back from now, or an instant, as milliseconds since 1970; undefined for any other text. */
export function sinceOf(text: string, now: Date): number | undefined {
  if (/^\d{1,5}$/.test(text)) return now.getTime() - Number(text) * DAY_MS
  const isInstant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const at = isInstant ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
