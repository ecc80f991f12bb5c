import { markup } from './markup.ts'
import type { Markup } from './markup.ts'

export interface Section {
  readonly id: string
  readonly heading: string
  readonly content: readonly (Markup | undefined)[]
}

export function section({ id, heading, content }: Section): Markup {
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${content}
</section>`
}

export function paragraph(text: string | Markup): Markup {
  return markup`<p>${text}</p>`
}

export function note(text: string | Markup): Markup {
  return markup`<p class="note">${text}</p>`
}

/** Name and value, a line each. */
export function facts(pairs: readonly (readonly [string, string | Markup])[]): Markup {
  return markup`<dl>${pairs.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}
