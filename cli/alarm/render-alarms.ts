import { oneLine } from '../one-line.ts'
import { table } from '../output.ts'
import { printable } from '../webhook/printable.ts'
import type { AlarmLine } from './read-alarms.ts'

const HEAD = [
  'filter',
  'version',
  'tolerance',
  'right',
  'wrong',
  'e-value',
  'error budget used',
  'alarm',
  'demotion',
]

/** The filter versions as a table for a person, and below it why a demotion is as it is. Names may be hostile. */
export function renderAlarms(lines: readonly AlarmLine[]): string {
  if (lines.length === 0) return 'no filter version in force has a reviewed intervention of the sample'
  const reasons = lines.flatMap((line) =>
    line.demotion.reason === null
      ? []
      : [`${nameOf(line)}: ${line.demotion.state}, ${oneLine(line.demotion.reason)}`],
  )
  return [table([HEAD, ...lines.map(cellsOf)]), ...reasons].join('\n')
}

function cellsOf(line: AlarmLine): readonly string[] {
  const { filterName, filterId, filterVersion, inForce, tolerance, tp, fp, eValue, budgetUsed } = line
  return [
    printable(filterName ?? filterId),
    `${filterVersion === 0 ? '(not told)' : filterVersion}${inForce ? '' : ' (past)'}`,
    tolerance === null ? 'none' : String(tolerance),
    String(tp),
    String(fp),
    eValue === null ? '-' : shortNumber(eValue),
    budgetUsed === null ? '-' : `${shortNumber(100 * budgetUsed)} %`,
    alarmWord(line),
    line.demotion.state === 'none' ? '' : line.demotion.state,
  ]
}

function alarmWord({ alarm, raisedIndex, crossedIndex }: AlarmLine): string {
  if (!alarm) return 'no'
  return raisedIndex === null ? `YES, due since entry ${crossedIndex ?? ''}` : `YES, entry ${raisedIndex}`
}

function nameOf({ filterName, filterId, filterVersion }: AlarmLine): string {
  return `${printable(filterName ?? filterId)} version ${filterVersion}`
}

/** The e-value grows without end. */
function shortNumber(value: number): string {
  if (value >= 1e6) return 'over 1,000,000'
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1)
}
