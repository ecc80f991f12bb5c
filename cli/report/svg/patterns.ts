import { markup } from '../html/markup.ts'
import type { Markup } from '../html/markup.ts'

/** Strokes over a colour: who sees no colours tells the categories by them. Eight by eight pixels. */
const STROKES: readonly string[] = [
  '',
  'M-2 2l4-4M0 8l8-8M6 10l4-4',
  'M0 4h8',
  'M-2 6l4 4M0 0l8 8M6-2l4 4',
  'M4 0v8',
  'M0 4h8M4 0v8',
  'M2 2h1.5v1.5h-1.5zM6 6h1.5v1.5h-1.5z',
]

/** The pattern of a category, by its place. */
export function patternOf(place: number): string {
  return `category-${place % STROKES.length}`
}

/** To stand in a picture that is shown: all pictures of the page may use them. */
export function patternDefinitions(): Markup {
  const patterns = STROKES.map(
    (stroke, i) =>
      markup`<pattern id="${patternOf(i)}" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="colour-${i}" width="8" height="8"/><path class="stroke" d="${stroke}"/></pattern>`,
  )
  return markup`<defs>${patterns}</defs>`
}

/** A sample of a pattern, for a legend. */
export function swatch(place: number): Markup {
  return markup`<svg class="swatch" aria-hidden="true" width="16" height="16"><rect width="16" height="16" fill="url(#${patternOf(place)})"/></svg>`
}
