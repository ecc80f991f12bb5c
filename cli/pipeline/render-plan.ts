import { asRecord } from '../../ledger/entry/as-record.ts'
import type { FilterBody } from '../../actions/filter/filter-body.ts'
import type { PlanLine } from '../../actions/pipeline/plan-line.ts'
import type { Quota, SetPlan } from '../../actions/pipeline/set-plan.ts'
import { printable } from '../webhook/printable.ts'

export interface RenderOptions {
  readonly colour: boolean
  /** Names what stays as it is, too. */
  readonly verbose: boolean
}

/** From this share on, the quota is warned of. */
const QUOTA_WARNING = 0.8

const COLOURS = { '+': 32, '~': 33, '-': 31, '!': 35 } as const
type Sign = keyof typeof COLOURS

/** A plan as a person reads it: a line a filter, a line a property that changes. Pure. */
export function renderPlan(plan: SetPlan, { colour, verbose }: RenderOptions): string {
  const paint = (sign: Sign, text: string): string =>
    colour ? `\u001b[${COLOURS[sign]}m${sign} ${text}\u001b[0m` : `${sign} ${text}`
  return [
    ...plan.lines.flatMap((line) => [paint(signOf(line), headOf(line)), ...bodyOf(line)]),
    ...plan.conflicts.map(({ name, message }) =>
      paint('!', printable(name === '' ? message : `${name}: ${message}`)),
    ),
    ...(verbose ? staying(plan) : []),
    summaryOf(plan),
    ...quotaWarning(plan.quota),
  ].join('\n')
}

function signOf({ action }: PlanLine): Sign {
  return action === 'create' ? '+' : action === 'update' ? '~' : '-'
}

function headOf(line: PlanLine): string {
  const name = printable(line.name)
  if (line.action === 'create') return name
  const why =
    line.action === 'update' && line.interim
      ? ': moved aside for a moment'
      : line.action === 'update' && line.respaced
        ? ': priority re-spaced'
        : ''
  return `${name} (${printable(line.filterId)})${why}`
}

function bodyOf(line: PlanLine): readonly string[] {
  if (line.action === 'create') return settingsOf(line.filter).map((text) => `    ${printable(text)}`)
  if (line.action === 'delete') return []
  return line.differences.map(({ path, found, wanted }) =>
    printable(`    ${path}: ${shown(found)} -> ${shown(wanted)}`),
  )
}

function settingsOf({ enabled, priority, config }: FilterBody): readonly string[] {
  const {
    content_categories: categories,
    block_action: action,
    thresholds,
    false_positive_tolerance: tolerance,
  } = asRecord(config)
  const limits = Object.entries(asRecord(thresholds)).map(([key, value]) => `${key} ${String(value)}`)
  return [
    `${enabled === false ? 'disabled' : 'enabled'}, priority ${JSON.stringify(priority)}, ${String(action)}, tolerance ${String(tolerance)}`,
    `${Array.isArray(categories) ? categories.join(', ') : ''}: ${limits.join(', ')}`,
  ]
}

/** Canonical texts are JSON; there is none for what is not there. */
function shown(value: string): string {
  return value === '' || value === '""' ? '(none)' : value
}

function staying({ unchanged, leftAlone }: SetPlan): readonly string[] {
  return [
    ...unchanged.map(({ name, filterId }) => `  ${printable(name)} (${printable(filterId)}): unchanged`),
    ...leftAlone.map(
      ({ name, filterId, owned }) =>
        `  ${printable(name)} (${printable(filterId)}): left alone, ${owned ? 'ours' : 'not ours'}`,
    ),
  ]
}

function summaryOf({ lines, unchanged, leftAlone, conflicts, quota }: SetPlan): string {
  const count = (action: PlanLine['action']): number => lines.filter((line) => line.action === action).length
  const interim = lines.filter((line) => line.action === 'update' && line.interim).length
  const parts = [
    `${count('create')} to create`,
    `${count('update') - interim} to update`,
    ...(count('delete') > 0 ? [`${count('delete')} to delete`] : []),
    ...(interim > 0 ? [`${interim} moved aside`] : []),
    `${unchanged.length} unchanged`,
    ...(leftAlone.length > 0 ? [`${leftAlone.length} left alone`] : []),
    ...(conflicts.length > 0 ? [`${conflicts.length} conflict(s)`] : []),
  ]
  return `${parts.join(', ')}; ${quota.after} of ${quota.max} enabled`
}

function quotaWarning({ after, max }: Quota): readonly string[] {
  const share = max === 0 ? 1 : after / max
  if (share < QUOTA_WARNING) return []
  return [`warning: ${after} of ${max} filters are enabled after this plan (${Math.round(share * 100)} %)`]
}
