import { BundleError, type TextPlace } from '../bundle-error.ts'
import type { Expression, Reference, TemplateNode } from './syntax-tree.ts'

/** Deeper nesting than this is no template that somebody wrote; it also bounds the parser's own stack. */
const MAX_DEPTH = 60

/** What closes a block and is left for whoever opened it. */
export type Closer = 'elseif' | 'else' | 'end'

/** A block read up to what closes it; the cursor stands after the closer's word. */
export interface Block {
  readonly nodes: readonly TemplateNode[]
  /** Undefined: the text ended. */
  readonly closer: Closer | undefined
  /** Index of the closer. */
  readonly closerAt: number
  /** Whether only white space stands between here and the start of the line. */
  readonly lineStart: boolean
}

/** The parts of the grammar that call each other round in a circle. */
export interface Grammar {
  readonly block: (cursor: Cursor, lineStart: boolean) => Block
  /** The body of a template or of a text in double quotes, to the end of the cursor. */
  readonly body: (cursor: Cursor) => readonly TemplateNode[]
  /** What starts at a `$`; undefined: it only looks like a reference, and is text. */
  readonly reference: (cursor: Cursor, backslashes: number) => Reference | undefined
  readonly expression: (cursor: Cursor) => Expression
}

/** Where the parser stands in a text. Its owner is the one parse that made it. */
export interface Cursor {
  readonly text: string
  /** Index where the text to read ends; nothing after it is looked at. */
  readonly end: number
  readonly placeOf: (index: number) => TextPlace
  readonly grammar: Grammar
  readonly depth: number
  at: number
}

/** Maps an index of a text to its line and column, both from 1. */
export function placesOf(text: string): (index: number) => TextPlace {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (index) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: index - (starts[low] ?? 0) + 1 }
  }
}

/** Ends the parse: says what is wrong and where. */
export function refuse(cursor: Cursor, at: number, message: string): never {
  const place = cursor.placeOf(Math.min(at, cursor.end))
  throw new BundleError('template-invalid', message, { place })
}

/** Runs a part of the parse one level deeper. */
export function deeper<T>(cursor: Cursor, part: (inner: Cursor) => T): T {
  if (cursor.depth >= MAX_DEPTH)
    refuse(cursor, cursor.at, `nested more than ${MAX_DEPTH} levels deep: take the template apart`)
  const inner = { ...cursor, depth: cursor.depth + 1 }
  const result = part(inner)
  cursor.at = inner.at
  return result
}

/** Whether the text goes on with `word`. */
export function standsAt(cursor: Cursor, word: string): boolean {
  return cursor.at + word.length <= cursor.end && cursor.text.startsWith(word, cursor.at)
}

/** Steps over `word` if the text goes on with it. */
export function accept(cursor: Cursor, word: string): boolean {
  if (!standsAt(cursor, word)) return false
  cursor.at += word.length
  return true
}

/** What a sticky pattern matches here, or undefined; does not step over it. */
export function peek(cursor: Cursor, sticky: RegExp): RegExpExecArray | undefined {
  sticky.lastIndex = cursor.at
  const match = sticky.exec(cursor.text)
  return match && cursor.at + match[0].length <= cursor.end ? match : undefined
}

const SPACE = /[ \t\r\n]*/y

/** Steps over spaces and line ends, which mean nothing within parentheses. */
export function skipSpace(cursor: Cursor): void {
  SPACE.lastIndex = cursor.at
  cursor.at = Math.min(cursor.end, cursor.at + (SPACE.exec(cursor.text)?.[0].length ?? 0))
}
