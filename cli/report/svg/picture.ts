import { markup } from '../html/markup.ts'
import type { Markup } from '../html/markup.ts'

export interface Picture {
  /** Unique on the page. */
  readonly id: string
  readonly title: string
  /** What the picture shows, for who does not see it. */
  readonly description: string
  /** Pixels. */
  readonly height: number
  readonly drawn: readonly Markup[]
}

/** An SVG as wide as its column: places are in percent, so that its text has the same size on each screen. */
export function picture({ id, title, description, height, drawn }: Picture): Markup {
  return markup`<svg class="picture" id="${id}" role="img" aria-labelledby="${id}-title ${id}-desc" width="100%" height="${height}">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${description}</desc>
${drawn}
</svg>`
}

export interface TextPlace {
  readonly x: number
  readonly y: number
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly kind?: string
}

/** @param x percent @param y pixels */
export function svgText(text: string, { x, y, anchor = 'start', kind = 'label' }: TextPlace): Markup {
  return markup`<text class="${kind}" x="${percent(x)}" y="${y}" text-anchor="${anchor}">${text}</text>`
}

export interface Box {
  readonly x: number
  readonly width: number
  readonly y: number
  readonly height: number
  readonly kind: string
  /** A pattern of this page. */
  readonly pattern?: string
}

/** @param x @param width percent @param y @param height pixels */
export function svgBox({ x, width, y, height, kind, pattern }: Box): Markup {
  const fill = pattern === undefined ? undefined : markup` fill="url(#${pattern})"`
  return markup`<rect class="${kind}"${fill} x="${percent(x)}" y="${rounded(y)}" width="${percent(width)}" height="${rounded(height)}"/>`
}

export interface Line {
  readonly x1: number
  readonly x2: number
  readonly y1: number
  readonly y2: number
  readonly kind: string
}

export function svgLine({ x1, x2, y1, y2, kind }: Line): Markup {
  return markup`<line class="${kind}" x1="${percent(x1)}" x2="${percent(x2)}" y1="${rounded(y1)}" y2="${rounded(y2)}"/>`
}

export function svgDot(x: number, y: number, kind: string): Markup {
  return markup`<circle class="${kind}" cx="${percent(x)}" cy="${y}" r="5"/>`
}

function percent(value: number): string {
  return `${rounded(value)}%`
}

function rounded(value: number): number {
  return Number(value.toFixed(2))
}
