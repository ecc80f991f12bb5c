import { FILTER_OPERATORS } from './path-step.ts'
import type { FilterOperand, FilterOperator, FilterTest, ParsedPath } from './path-step.ts'
import { expect, fault, nested, peek, readLiteral, skipBlanks, take, takeMatch } from './path-reader.ts'
import type { PathReader } from './path-reader.ts'

type ReadPath = (reader: PathReader) => ParsedPath

/** The flags of Java that a pattern may have here. */
const FLAGS = /[a-zA-Z]*/y

/**
 * The test between `[?(` and `)]`: comparisons and existence checks, with `!`, `&&`, `||` and brackets; `&&` binds
 * closer. `readPath` reads the paths in it.
 */
export function readTest(reader: PathReader, readPath: ReadPath): FilterTest {
  return nested(reader, () => readChain(reader, '||', 'or', () => readAnd(reader, readPath)))
}

function readAnd(reader: PathReader, readPath: ReadPath): FilterTest {
  return readChain(reader, '&&', 'and', () => readOperand(reader, readPath))
}

function readChain(reader: PathReader, sign: string, kind: 'and' | 'or', read: () => FilterTest): FilterTest {
  const first = read()
  const tests = [first]
  skipBlanks(reader)
  while (take(reader, sign)) {
    tests.push(read())
    skipBlanks(reader)
  }
  return tests.length === 1 ? first : { kind, tests }
}

function readOperand(reader: PathReader, readPath: ReadPath): FilterTest {
  skipBlanks(reader)
  if (take(reader, '(')) {
    const test = readTest(reader, readPath)
    skipBlanks(reader)
    expect(reader, ')', 'after the test in brackets')
    return test
  }
  const start = reader.at
  if (!take(reader, '!')) return readComparison(reader, readPath)
  const test = nested(reader, () => readOperand(reader, readPath))
  if (test.kind === 'compare')
    throw fault(reader, 'what ! negates here is unclear: put the comparison in brackets, !(...)', start)
  return { kind: 'not', test }
}

function readComparison(reader: PathReader, readPath: ReadPath): FilterTest {
  const start = reader.at
  const left = readValue(reader, readPath)
  skipBlanks(reader)
  const operator = readOperator(reader)
  if (operator === undefined) {
    if (left.kind === 'path') return { kind: 'exists', path: left.path }
    throw fault(reader, 'a value alone is no test: compare it with a path', start)
  }
  skipBlanks(reader)
  return { kind: 'compare', left, operator, right: readValue(reader, readPath) }
}

function readOperator(reader: PathReader): FilterOperator | undefined {
  const start = reader.at
  const sign = takeMatch(reader, /[<>=!~]+|[a-zA-Z]+/y)
  if (sign === undefined) return undefined
  const operator = FILTER_OPERATORS.find((each) => each === sign.toLowerCase())
  if (operator !== undefined) return operator
  const advice = sign === '=' ? 'write ==' : `there are ${FILTER_OPERATORS.join(' ')}`
  throw fault(reader, `${sign} is no operator of a filter: ${advice}`, start)
}

function readValue(reader: PathReader, readPath: ReadPath): FilterOperand {
  const next = peek(reader)
  if (next === '@' || next === '$') return { kind: 'path', path: readPath(reader) }
  if (next === '/') return readPattern(reader)
  const value = readLiteral(reader)
  if (value !== undefined) return { kind: 'value', value }
  throw fault(
    reader,
    'a path (@.name), a text in quotes, a number, true, false, null, a list or a /pattern/ is expected',
  )
}

function readPattern(reader: PathReader): FilterOperand {
  const start = reader.at
  const body = takeMatch(reader, /\/(?:[^/\\]|\\[^])*\//y)
  if (body === undefined) throw fault(reader, 'the pattern that begins here has no / at its end', start)
  const flags = takeMatch(reader, FLAGS) ?? ''
  if (!/^[ims]*$/.test(flags))
    throw fault(reader, `the flags of a pattern are i, m and s here, not ${flags}`, start)
  const source = body.slice(1, -1)
  const unique = [...new Set(flags)].join('')
  try {
    new RegExp(source, unique)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw fault(reader, `the pattern does not compile here: ${reason}`, start)
  }
  return { kind: 'pattern', source, flags: unique }
}
