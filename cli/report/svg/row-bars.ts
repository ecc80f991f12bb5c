import { cutText } from '../html/cut-text.ts'
import type { Markup } from '../html/markup.ts'
import { picture, svgBox, svgLine, svgText } from './picture.ts'

export interface RowBar {
  readonly name: string
  /** At the right end of the row, or under the name. */
  readonly note: string
  /** 0..1 of the row's width; null: no bar. */
  readonly filled: number | null
  readonly isAlarm?: boolean
}

export interface RowBars {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly rows: readonly RowBar[]
  /** A line at the right end, and what it says. */
  readonly line?: string
  /** Long names leave no room beside them. */
  readonly notes: 'beside' | 'below'
}

/** Pixels: of a row, of the bar in it, and of its note. */
const LAYOUTS = {
  beside: { row: 38, bar: 19, noteX: 100, note: 14, anchor: 'end' },
  below: { row: 60, bar: 38, noteX: 0, note: 31, anchor: 'start' },
} as const
const NAME_COLUMNS = 36

/** A bar a row, under its name. */
export function rowBars({ id, title, description, rows, line, notes }: RowBars): Markup {
  const top = line === undefined ? 0 : 20
  const step = LAYOUTS[notes].row
  const height = top + rows.length * step
  const mark =
    line === undefined
      ? []
      : [
          svgText(line, { x: 100, y: 12, anchor: 'end', kind: 'axis' }),
          svgLine({ x1: 99.7, x2: 99.7, y1: 16, y2: height, kind: 'tolerance' }),
        ]
  const drawn = [...rows.flatMap((row, i) => drawRow(row, top + i * step, LAYOUTS[notes])), ...mark]
  return picture({ id, title, description, height, drawn })
}

function drawRow(
  { name, note, filled, isAlarm }: RowBar,
  top: number,
  layout: (typeof LAYOUTS)[RowBars['notes']],
): readonly Markup[] {
  const box = { x: 0, y: top + layout.bar, height: 12 }
  const bar =
    filled === null ? [] : [svgBox({ ...box, width: filled * 100, kind: isAlarm ? 'bar alarm' : 'bar' })]
  return [
    svgText(cutText(name, NAME_COLUMNS), { x: 0, y: top + 14, kind: 'name' }),
    svgText(note, { x: layout.noteX, y: top + layout.note, anchor: layout.anchor, kind: 'axis' }),
    svgBox({ ...box, width: 100, kind: 'track' }),
    ...bar,
  ]
}
