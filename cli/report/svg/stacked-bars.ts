import { markup } from '../html/markup.ts'
import type { Markup } from '../html/markup.ts'
import { count } from '../format.ts'
import { patternDefinitions, patternOf } from './patterns.ts'
import { picture, svgBox, svgLine, svgText } from './picture.ts'
import { ticks } from './ticks.ts'

export interface StackedBars {
  readonly id: string
  readonly title: string
  readonly description: string
  /** One a bar, of which those that have room are written. */
  readonly labels: readonly string[]
  /** Of each bar, from the bottom up: one count a category. */
  readonly stacks: readonly (readonly number[])[]
  /** What is counted, at the axis. */
  readonly unit: string
}

const PLOT = { left: 11, right: 100, top: 26, bottom: 226 }
const HEIGHT = 250
const MOST_LABELS = 5

/** Bars over time, a pattern a category. */
export function stackedBars({ id, title, description, labels, stacks, unit }: StackedBars): Markup {
  const greatest = Math.max(0, ...stacks.map((stack) => sum(stack)))
  const marks = ticks(greatest, 4, 1)
  const top = marks.at(-1) ?? 1
  const yOf = (value: number): number => PLOT.bottom - (value / top) * (PLOT.bottom - PLOT.top)
  const slot = (PLOT.right - PLOT.left) / stacks.length
  const drawn = [
    patternDefinitions(),
    svgText(unit, { x: 0, y: 12, kind: 'axis' }),
    ...marks.flatMap((mark) => [
      svgLine({ x1: PLOT.left, x2: PLOT.right, y1: yOf(mark), y2: yOf(mark), kind: 'grid' }),
      svgText(count(mark), { x: PLOT.left - 1.5, y: yOf(mark) + 4, anchor: 'end', kind: 'axis' }),
    ]),
    ...stacks.map((stack, i) => bar(stack, PLOT.left + i * slot, slot, yOf)),
    ...axisLabels(labels, slot),
  ]
  return picture({ id, title, description, height: HEIGHT, drawn })
}

function bar(stack: readonly number[], x: number, slot: number, yOf: (value: number) => number): Markup {
  const boxes = stack.flatMap((value, place) => {
    if (value === 0) return []
    const below = sum(stack.slice(0, place))
    const y = yOf(below + value)
    return [
      svgBox({
        x: x + slot * 0.1,
        width: slot * 0.8,
        y,
        height: yOf(below) - y,
        kind: 'segment',
        pattern: patternOf(place),
      }),
    ]
  })
  return markup`${boxes}`
}

function axisLabels(labels: readonly string[], slot: number): readonly Markup[] {
  const every = Math.ceil(labels.length / MOST_LABELS)
  return labels.flatMap((label, i) => {
    if (i % every !== 0) return []
    const x = PLOT.left + (i + 0.5) * slot
    const anchor = x > 94 ? 'end' : 'middle'
    return [svgText(label, { x: anchor === 'end' ? 100 : x, y: HEIGHT - 6, anchor, kind: 'axis' })]
  })
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
