import { oneLine } from '../../one-line.ts'

/** Text of a page in which everything that others chose is escaped already. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | undefined | readonly Part[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text that others chose, as text of an element or of a quoted attribute: on one line, and turning nothing around. */
export function escapeText(text: string): string {
  return oneLine(text)
    .replace(/\p{Cs}/gu, '?')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/** A template of which each inserted text is escaped; markup is taken as it is, and `undefined` is nothing. */
export function markup(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: fixed.map((text, i) => text + written(parts[i])).join('') }
}

function written(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(written).join('\n')
  return escapeText(String(part))
}
