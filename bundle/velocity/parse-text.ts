import { type Cursor, deeper, refuse } from './cursor.ts'
import type { Expression } from './syntax-tree.ts'

/**
 * Reads a text in quotes, or nothing if none stands here. A quote within the text is written twice; a backslash escapes
 * no quote. A text in double quotes is a template of its own where it holds `$` or `#`.
 */
export function parseText(cursor: Cursor): Expression | undefined {
  const quote = cursor.text[cursor.at]
  if (cursor.at >= cursor.end || (quote !== '"' && quote !== "'")) return undefined
  const start = cursor.at + 1
  const close = closingQuote(cursor, quote)
  const raw = cursor.text.slice(start, close)
  cursor.at = close + 1
  const value = unescaped(raw, quote)
  if (quote === "'" || !/[$#]/.test(raw)) return { kind: 'literal', value }
  const inner = raw === value ? { ...cursor, at: start, end: close } : unquoted(cursor, value, start)
  return { kind: 'interpolated', nodes: deeper(inner, inner.grammar.body) }
}

function closingQuote(cursor: Cursor, quote: string): number {
  let at = cursor.at + 1
  for (;;) {
    at = cursor.text.indexOf(quote, at)
    if (at === -1 || at >= cursor.end)
      refuse(cursor, cursor.at, `the text that begins with ${quote} does not end`)
    if (at + 1 >= cursor.end || cursor.text[at + 1] !== quote) return at
    at += 2
  }
}

/** In double quotes, `\u0041` is the one escape that Velocity knows. */
function unescaped(raw: string, quote: string): string {
  const text = raw.replaceAll(quote + quote, quote)
  return quote === "'"
    ? text
    : text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
}

/** Each quote of the inner text stood there twice: places count that. */
function unquoted(cursor: Cursor, text: string, start: number): Cursor {
  const placeOf = (index: number) =>
    cursor.placeOf(start + index + (text.slice(0, index).match(/"/g)?.length ?? 0))
  return { ...cursor, text, at: 0, end: text.length, placeOf }
}
