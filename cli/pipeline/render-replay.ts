import type { CategoryReplay } from '../../actions/replay/replay-thresholds.ts'
import { printable } from '../webhook/printable.ts'
import type { FilterReplay } from './replay-plan.ts'

const HEAD = [
  'filter',
  'category',
  'recorded',
  'still',
  'lost',
  'tp',
  'fp',
  'unreviewed',
  'gained',
  'unknown',
]

/** What a plan would have made of recorded decisions: a table, then what it cannot tell. Pure. */
export function renderReplay(filters: readonly FilterReplay[]): string {
  const rows = filters.flatMap(({ name, categories }) => categories.map((one) => ({ name, one })))
  if (rows.length === 0)
    return 'replay: the plan changes no live filter, and of a new one nothing is recorded'
  const cells = [HEAD, ...rows.map(({ name, one }) => cellsOf(name, one))]
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return [
    ...cells.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...rows.flatMap(({ name, one }) =>
      notesOn(one).map((note) => `${printable(name)}, ${one.category}: ${note}`),
    ),
    'Whether another filter would intervene on the same content cannot be known.',
  ].join('\n')
}

function cellsOf(name: string, one: CategoryReplay): readonly string[] {
  const { recorded, still, lost, gained, unknown } = one
  const counts = [
    recorded,
    still,
    lost.total,
    lost.violation,
    lost.notAViolation,
    lost.unreviewed,
    gained.total,
  ]
  const open = unknown ? `${unknown.from}-${unknown.to}` : '-'
  return [printable(name), printable(one.category), ...counts.map(String), open]
}

function notesOn(one: CategoryReplay): readonly string[] {
  const { lostViolationShare: share, gained, gainedEstimate, unknown, otherRules, ambiguous } = one
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
  return [
    ...(share
      ? [
          `of the lost, ${percent(share.value)} (${percent(share.low)} to ${percent(share.high)}) were true positives`,
        ]
      : []),
    ...(gained.total > 0
      ? [
          `the gained stand for about ${Math.round(gainedEstimate)}; ${gained.violation} violation(s), ${gained.notAViolation} not`,
        ]
      : []),
    ...(unknown
      ? [
          `cannot be known: nothing from ${unknown.from} to ${unknown.to} was recorded; run flag_and_pass at ${unknown.from}, or record passes`,
        ]
      : []),
    ...(otherRules > 0
      ? [`${otherRules} decision(s) under other rules than those in force are not counted`]
      : []),
    ...(ambiguous > 0
      ? [`${ambiguous} decision(s) are not counted: which threshold decides cannot be told`]
      : []),
  ]
}
