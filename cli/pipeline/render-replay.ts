import type { CategoryReplay, Found, ScoreGap } from '../../actions/replay/replay-thresholds.ts'
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
  'unclear',
  'unreviewed',
  'gained',
  'unknown',
]

/** What a plan would have made of recorded decisions: a table, then what it cannot tell, a sentence each. Pure. */
export function renderReplay(filters: readonly FilterReplay[]): string {
  if (filters.length === 0) return 'replay: the plan changes no filter'
  const rows = filters.flatMap((filter) =>
    filter.kind === 'replayed' ? filter.categories.map((one) => ({ name: printable(filter.name), one })) : [],
  )
  return [
    ...(rows.length > 0 ? tableOf([HEAD, ...rows.map(({ name, one }) => cellsOf(name, one))]) : []),
    ...filters.flatMap(notesOn),
    ...rows.flatMap(({ name, one }) => categoryNotes(one).map((note) => `${name}, ${one.category}: ${note}`)),
    ...(rows.length > 0
      ? ['Whether another filter would intervene on the same content cannot be known.']
      : []),
  ].join('\n')
}

function tableOf(cells: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function cellsOf(name: string, one: CategoryReplay): readonly string[] {
  const { recorded, still, lost, gained, unknown } = one
  const { total, violation, notAViolation, unclear, unreviewed } = lost
  const counts = [recorded, still, total, violation, notAViolation, unclear, unreviewed, gained.total]
  const open = unknown.map(({ from, to }) => `${from}-${to}`).join(', ')
  return [name, printable(one.category), ...counts.map(String), open === '' ? '-' : open]
}

function notesOn(filter: FilterReplay): readonly string[] {
  const name = printable(filter.name)
  if (filter.kind === 'new')
    return [`${name}: it is new, so nothing of it was recorded; what it would intervene on cannot be known`]
  if (filter.kind === 'same')
    return [`${name}: its categories, thresholds and action stay as they are, so nothing was scored again`]
  return filter.off
    ? [`${name}: it is off now; what was recorded while it was on is scored as if it had stayed on`]
    : []
}

function categoryNotes(one: CategoryReplay): readonly string[] {
  const { keys, lost, lostViolationShare: share, otherRules, ambiguous } = one
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
  const lostNote = share
    ? `of the lost, an estimated ${percent(share.value)} (${percent(share.low)} to ${percent(share.high)}) were true positives`
    : lost.total > 0
      ? 'of the lost, the share of true positives cannot be estimated: none of those drawn for review has a verdict'
      : undefined
  return [
    ...(isWeighted(lost) ? [standFor('lost', lost)] : []),
    ...(lostNote === undefined ? [] : [lostNote]),
    ...gainedNotes(one),
    ...(otherRules > 0
      ? [`${count(otherRules)} under other rules than those in force, not scored again`]
      : []),
    ...(ambiguous > 0
      ? [
          `${count(ambiguous)} not scored again: ${keys.join(', ')} decide, and a decision holds the score of one of them`,
        ]
      : []),
  ]
}

function gainedNotes({ gained, unknown }: CategoryReplay): readonly string[] {
  const found =
    gained.total > 0
      ? [`of the gained, ${reviewsOf(gained)}`, ...(isWeighted(gained) ? [standFor('gained', gained)] : [])]
      : []
  if (unknown.length === 0) return found
  const ranges = unknown.map(rangeOf).join(', ')
  const limit =
    gained.total > 0
      ? 'whether all of it was recorded is not known, so more may be gained'
      : 'no decision there was found, so how much would be gained cannot be known; recorded passes would tell'
  return [...found, `what scores ${ranges} would be intervened on: ${limit}`]
}

function reviewsOf({ violation, notAViolation, unclear }: Found): string {
  if (violation + notAViolation + unclear === 0) return 'none was reviewed'
  return `${violation} reviewed as a violation, ${notAViolation} as none, ${unclear} as unclear`
}

function rangeOf({ key, from, to }: ScoreGap): string {
  return `from ${from} up to ${to} (${key})`
}

function isWeighted({ total, estimate }: Found): boolean {
  return estimate - total > 1e-9
}

function standFor(name: string, { estimate }: Found): string {
  return `the ${name} stand for about ${Math.round(estimate)}, by the share that their sender records`
}

function count(decisions: number): string {
  return decisions === 1 ? '1 decision' : `${decisions} decisions`
}
