import { BundleError } from '../bundle-error.ts'
import type { JsonValue } from '../definition/data-action.ts'

/** How deep filters, brackets and lists may stand in one another. */
const MAX_NESTING = 40

/** A path's text and how far it was read. */
export interface PathReader {
  readonly text: string
  at: number
  nesting: number
}

export function isAtEnd(reader: PathReader): boolean {
  return reader.at >= reader.text.length
}

/** The next character; at the end, an empty text. */
export function peek(reader: PathReader): string {
  return reader.text.charAt(reader.at)
}

/** Goes past `word` if it comes next. */
export function take(reader: PathReader, word: string): boolean {
  if (!reader.text.startsWith(word, reader.at)) return false
  reader.at += word.length
  return true
}

/** Goes past what matches next, and gives it. The pattern is sticky. */
export function takeMatch(reader: PathReader, sticky: RegExp): string | undefined {
  sticky.lastIndex = reader.at
  const found = sticky.exec(reader.text)?.[0]
  if (found !== undefined) reader.at += found.length
  return found
}

export function skipBlanks(reader: PathReader): void {
  takeMatch(reader, /\s*/y)
}

export function expect(reader: PathReader, word: string, why: string): void {
  if (!take(reader, word)) throw fault(reader, `${word} is expected ${why}`)
}

/** A fault of the path, where the reader stands or at `at`. */
export function fault(reader: PathReader, message: string, at = reader.at): BundleError {
  const before = reader.text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  const where = line === 1 ? `column ${column}` : `line ${line}, column ${column}`
  return new BundleError('path-invalid', `${where}: ${message}`, { place: { line, column } })
}

/** Reads what stands within something; a path that nests too deep is refused before it can exhaust the stack. */
export function nested<T>(reader: PathReader, read: () => T): T {
  if (reader.nesting >= MAX_NESTING) throw fault(reader, `the path is nested more than ${MAX_NESTING} deep`)
  reader.nesting += 1
  const result = read()
  reader.nesting -= 1
  return result
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** A text in single or double quotes, with the escapes of Java. */
export function readQuoted(reader: PathReader): string {
  const start = reader.at
  const quote = peek(reader)
  const body = takeMatch(reader, quote === "'" ? /'(?:[^'\\]|\\[^])*'/y : /"(?:[^"\\]|\\[^])*"/y)
  if (body === undefined) throw fault(reader, `the text that begins here has no ${quote} at its end`, start)
  return body
    .slice(1, -1)
    .replaceAll(
      /\\(?:u([0-9a-fA-F]{4})|([^]))/g,
      (_, code: string | undefined, letter: string | undefined) =>
        code === undefined
          ? (ESCAPES[letter ?? ''] ?? letter ?? '')
          : String.fromCharCode(parseInt(code, 16)),
    )
}

/** A literal: a text, a number, true, false, null, or a list or an object of them. Undefined when none is next. */
export function readLiteral(reader: PathReader): JsonValue | undefined {
  const next = peek(reader)
  if (next === "'" || next === '"') return readQuoted(reader)
  if (next === '[') return nested(reader, () => readList(reader))
  if (next === '{') return nested(reader, () => readObject(reader))
  const word = takeMatch(reader, /(?:true|false|null)(?![\w$])|-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y)
  if (word === undefined) return undefined
  if (word === 'null') return null
  return word === 'true' || (word === 'false' ? false : Number(word))
}

function readList(reader: PathReader): readonly JsonValue[] {
  const items: JsonValue[] = []
  take(reader, '[')
  skipBlanks(reader)
  if (take(reader, ']')) return items
  do {
    items.push(readItem(reader))
  } while (take(reader, ','))
  expect(reader, ']', 'at the end of the list')
  return items
}

function readObject(reader: PathReader): JsonValue {
  const members: [string, JsonValue][] = []
  take(reader, '{')
  skipBlanks(reader)
  if (take(reader, '}')) return {}
  do {
    skipBlanks(reader)
    if (!/['"]/.test(peek(reader))) throw fault(reader, 'a name in quotes is expected in the object')
    const name = readQuoted(reader)
    skipBlanks(reader)
    expect(reader, ':', 'after a name in the object')
    members.push([name, readItem(reader)])
  } while (take(reader, ','))
  expect(reader, '}', 'at the end of the object')
  return Object.fromEntries(members)
}

function readItem(reader: PathReader): JsonValue {
  skipBlanks(reader)
  const value = readLiteral(reader)
  if (value === undefined) throw fault(reader, 'a text in quotes, a number, true, false or null is expected')
  skipBlanks(reader)
  return value
}
