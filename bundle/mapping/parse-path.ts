import { readTest } from './parse-filter.ts'
import { PATH_FUNCTIONS } from './path-step.ts'
import type { FunctionArgument, ParsedPath, PathStep } from './path-step.ts'
import {
  expect,
  fault,
  isAtEnd,
  nested,
  peek,
  readLiteral,
  readQuoted,
  skipBlanks,
  take,
  takeMatch,
} from './path-reader.ts'
import type { PathReader } from './path-reader.ts'

const MAX_LENGTH = 10_000
const MAX_STEPS = 200

/**
 * Reads a JSONPath as Jayway's json-path 2.x does: `$` in front may be left out. Throws a `BundleError`
 * `path-invalid` that names the column. What Jayway accepts but nobody can mean (a slice with a step, which it ignores;
 * `!` before a comparison) is refused too.
 */
export function parsePath(text: string): ParsedPath {
  const reader: PathReader = { text: text.trimEnd(), at: 0, nesting: 0 }
  skipBlanks(reader)
  if (isAtEnd(reader)) throw fault(reader, 'the path is empty: write $ for the whole answer', 0)
  if (reader.text.length > MAX_LENGTH)
    throw fault(reader, `the path is longer than ${MAX_LENGTH} characters`, MAX_LENGTH)
  if (/[$@]/.test(peek(reader))) return readPath(reader, '')
  // Jayway puts `$.` in front: a point in front becomes a deep scan.
  const steps: PathStep[] = take(reader, '.') ? [{ kind: 'scan' }] : []
  return finish('$', readSteps(reader, '', steps))
}

/** From `$` or `@` to the end, or to one of the characters of `stops`. */
function readPath(reader: PathReader, stops: string): ParsedPath {
  const root = take(reader, '$') ? '$' : '@'
  if (root === '@') take(reader, '@')
  if (isDone(reader, stops)) return { root, steps: [] }
  if (!/[.[]/.test(peek(reader))) throw fault(reader, `. or [ is expected after ${root}`)
  return finish(root, readSteps(reader, stops, []))
}

function readSteps(reader: PathReader, stops: string, steps: PathStep[]): readonly PathStep[] {
  do {
    if (steps.length >= MAX_STEPS) throw fault(reader, `the path has more than ${MAX_STEPS} steps`)
    if (take(reader, '..')) steps.push({ kind: 'scan' })
    else take(reader, '.')
    if (isDone(reader, stops)) throw fault(reader, 'a path does not end with a point', reader.at - 1)
    if (peek(reader) === '.') throw fault(reader, 'there is a point too many')
    steps.push(readStep(reader, stops))
  } while (!isDone(reader, stops))
  return steps
}

function isDone(reader: PathReader, stops: string): boolean {
  return isAtEnd(reader) || (stops !== '' && stops.includes(peek(reader)))
}

function readStep(reader: PathReader, stops: string): PathStep {
  if (take(reader, '*')) return { kind: 'wildcard' }
  if (peek(reader) === '[') return readBrackets(reader)
  const start = reader.at
  while (!isAtEnd(reader) && !`${stops}.[(`.includes(peek(reader))) {
    if (/\s/.test(peek(reader)))
      throw fault(reader, "a name with a blank in it needs brackets and quotes: ['my name']")
    if (stops !== '' && /^(&&|\|\|)/.test(reader.text.slice(reader.at, reader.at + 2)))
      throw fault(reader, `a blank is missing before ${reader.text.slice(reader.at, reader.at + 2)}`)
    reader.at += 1
  }
  const name = reader.text.slice(start, reader.at)
  if (peek(reader) === '(') return readFunction(reader, name, start)
  if (name === '') throw fault(reader, 'a name, * or [ is expected')
  return { kind: 'names', names: [name] }
}

function readBrackets(reader: PathReader): PathStep {
  const start = reader.at
  take(reader, '[')
  skipBlanks(reader)
  const next = peek(reader)
  if (next === "'" || next === '"') return readNames(reader)
  if (take(reader, '*')) return closed(reader, { kind: 'wildcard' })
  if (take(reader, '?')) return readFilter(reader)
  const inner = takeMatch(reader, /[\d\s,:-]+/y)
  if (inner === undefined)
    throw fault(reader, 'in [ ] stands a name in quotes, an index, a slice, * or a filter ?(...)', start + 1)
  return closed(
    reader,
    inner.includes(':') ? readSlice(reader, inner, start) : readIndexes(reader, inner, start),
  )
}

function closed(reader: PathReader, step: PathStep): PathStep {
  skipBlanks(reader)
  expect(reader, ']', 'to close the bracket')
  return step
}

function readNames(reader: PathReader): PathStep {
  const names: string[] = []
  do {
    skipBlanks(reader)
    if (!/['"]/.test(peek(reader))) throw fault(reader, 'a name in quotes is expected after the comma')
    names.push(readQuoted(reader))
    skipBlanks(reader)
  } while (take(reader, ','))
  return closed(reader, { kind: 'names', names })
}

function readIndexes(reader: PathReader, inner: string, start: number): PathStep {
  const parts = inner.split(',').map((part) => part.trim())
  const wrong = parts.find((part) => !isInteger(part))
  if (wrong !== undefined)
    throw fault(reader, `${wrong === '' ? 'nothing' : wrong} is no index: write a whole number`, start)
  return { kind: 'indexes', indexes: parts.map(Number) }
}

function readSlice(reader: PathReader, inner: string, start: number): PathStep {
  const parts = inner.split(':').map((part) => part.trim())
  if (parts.length > 2) throw fault(reader, 'a slice has no step here: write [from:to]', start)
  if (parts.every((part) => part === ''))
    throw fault(reader, 'a slice names where it begins or ends; for all, write [*]', start)
  const wrong = parts.find((part) => part !== '' && !isInteger(part))
  if (wrong !== undefined) throw fault(reader, `${wrong} is no index: a slice is [from:to]`, start)
  const [from, to] = parts.map((part) => (part === '' ? undefined : Number(part)))
  return { kind: 'slice', from, to }
}

function isInteger(text: string): boolean {
  return /^-?\d{1,9}$/.test(text)
}

function readFilter(reader: PathReader): PathStep {
  skipBlanks(reader)
  if (peek(reader) !== '(') throw fault(reader, 'a filter is written [?(...)]')
  take(reader, '(')
  const test = readTest(reader, (each) => nested(each, () => readPath(each, ' \t\r\n)<>=!~,]')))
  skipBlanks(reader)
  expect(reader, ')', 'after the test of the filter')
  return closed(reader, { kind: 'filter', test })
}

function readFunction(reader: PathReader, name: string, start: number): PathStep {
  const known = PATH_FUNCTIONS.find((each) => each === name)
  if (known === undefined)
    throw fault(reader, `${name}() is no function here: there are ${PATH_FUNCTIONS.join(', ')}`, start)
  const args: FunctionArgument[] = []
  take(reader, '(')
  skipBlanks(reader)
  if (take(reader, ')')) return { kind: 'function', name: known, args }
  do {
    args.push(readArgument(reader))
    skipBlanks(reader)
  } while (take(reader, ','))
  expect(reader, ')', `after the arguments of ${name}`)
  return { kind: 'function', name: known, args }
}

function readArgument(reader: PathReader): FunctionArgument {
  skipBlanks(reader)
  if (/[$@]/.test(peek(reader)))
    return { kind: 'path', path: nested(reader, () => readPath(reader, ' \t\r\n,)')) }
  const value = readLiteral(reader)
  if (value === undefined)
    throw fault(reader, 'a path, a text in quotes or a number is expected as an argument')
  return { kind: 'value', value }
}

/**
 * A function after a path that begins with a deep scan takes all that the scan finds as its argument: `$..price.max()`
 * is the greatest of all, where `$.a[*].max()` asks it of each.
 */
function finish(root: '$' | '@', steps: readonly PathStep[]): ParsedPath {
  const last = steps.at(-1)
  if (steps[0]?.kind !== 'scan' || last?.kind !== 'function') return { root, steps }
  const scanned: ParsedPath = {
    root,
    steps: steps.slice(
      0,
      steps.findIndex(({ kind }) => kind === 'function'),
    ),
  }
  return { root, steps: [{ ...last, args: [{ kind: 'path', path: scanned }] }] }
}
