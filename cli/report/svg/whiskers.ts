import type { Interval } from '../../../ledger/statistics/wilson.ts'
import { share } from '../format.ts'
import { cutText } from '../html/cut-text.ts'
import type { Markup } from '../html/markup.ts'
import { picture, svgBox, svgDot, svgLine, svgText } from './picture.ts'
import { ticks } from './ticks.ts'

export interface Whisker {
  readonly name: string
  /** Shares, 0..1; null where there is nothing to draw. */
  readonly estimate: Interval | null
  /** Under the name. */
  readonly note: string
  readonly tolerance: number | null
  /** A hollow dot: of what was flagged only. */
  readonly isHollow: boolean
}

export interface Whiskers {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly rows: readonly Whisker[]
}

const ROW = 78
const AXIS = 30
const PLOT = { left: 2, right: 98 }
const NAME_COLUMNS = 36

/** A share a row, as a dot on its 95 % interval, against the line of its tolerance. */
export function whiskers({ id, title, description, rows }: Whiskers): Markup {
  const ends = rows.flatMap(({ estimate, tolerance }) => [estimate?.high ?? 0, (tolerance ?? 0) * 1.5])
  const marks = ticks(Math.min(1, Math.max(0.01, ...ends)), 5)
  const greatest = marks.at(-1) ?? 1
  const xOf = (value: number): number => PLOT.left + Math.min(1, value / greatest) * (PLOT.right - PLOT.left)
  const bottom = rows.length * ROW
  const drawn = [
    ...marks
      .filter((mark) => mark <= 1)
      .flatMap((mark, i) => [
        svgLine({ x1: xOf(mark), x2: xOf(mark), y1: 0, y2: bottom + 6, kind: 'grid' }),
        svgText(share(mark), {
          x: i === 0 ? 0 : mark === greatest ? 100 : xOf(mark),
          y: bottom + 22,
          anchor: i === 0 ? 'start' : mark === greatest ? 'end' : 'middle',
          kind: 'axis',
        }),
      ]),
    ...rows.flatMap((row, i) => drawRow(row, i * ROW, xOf)),
  ]
  return picture({ id, title, description, height: bottom + AXIS, drawn })
}

function drawRow(row: Whisker, top: number, xOf: (value: number) => number): readonly Markup[] {
  const { name, estimate, note, tolerance, isHollow } = row
  const middle = top + 54
  const label = [
    svgText(cutText(name, NAME_COLUMNS), { x: 0, y: top + 16, kind: 'name' }),
    svgText(note, { x: 0, y: top + 33, kind: 'axis' }),
  ]
  const line = tolerance === null ? [] : toleranceLine(tolerance, top, xOf)
  if (!estimate) return [...line, ...label]
  const { low, high, value } = estimate
  const end = (at: number): Markup =>
    svgLine({ x1: xOf(at), x2: xOf(at), y1: middle - 6, y2: middle + 6, kind: 'whisker' })
  return [
    ...line,
    ...label,
    svgLine({ x1: xOf(low), x2: xOf(high), y1: middle, y2: middle, kind: 'whisker' }),
    end(low),
    end(high),
    svgDot(xOf(value), middle, isHollow ? 'dot hollow' : 'dot'),
  ]
}

/** What is beyond it is shaded. */
function toleranceLine(tolerance: number, top: number, xOf: (value: number) => number): readonly Markup[] {
  const x = xOf(tolerance)
  return [
    svgBox({ x, width: PLOT.right - x, y: top + 40, height: 28, kind: 'beyond' }),
    svgLine({ x1: x, x2: x, y1: top + 40, y2: top + 68, kind: 'tolerance' }),
  ]
}
