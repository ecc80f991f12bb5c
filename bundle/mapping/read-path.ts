import { BundleError } from '../bundle-error.ts'
import type { JsonValue } from '../definition/data-action.ts'
import { isMembers } from '../definition/json-value.ts'
import { compareValues, isList, matchesPattern } from './compare-values.ts'
import type { Compared } from './compare-values.ts'
import { applyFunction } from './path-functions.ts'
import { isDefinite } from './path-step.ts'
import type { FilterOperand, FilterTest, FunctionArgument, ParsedPath, PathStep } from './path-step.ts'

/** What a path leads to; nothing, where it leads nowhere. */
export type PathResult = { readonly found: true; readonly value: JsonValue } | { readonly found: false }

/** Steps that one path may take through one document. */
const MAX_WORK = 1_000_000
/** How deep a deep scan goes. */
const MAX_DEPTH = 500
/** What a match of a pattern counts as. */
const WORK_OF_A_MATCH = 50

interface Document {
  readonly root: JsonValue
  /** Steps that are left; shared by a path and those within it. */
  work: number
}

/** One path on its way through one document. */
interface Reading {
  readonly document: Document
  readonly path: ParsedPath
  /** Whether every name has to be there: so an existence check reads. */
  readonly isStrict: boolean
  readonly results: JsonValue[]
  /** Set where the path as a whole leads nowhere: Jayway throws there. */
  isLost: boolean
}

/**
 * What a path leads to in a document, as Jayway's json-path 2.x reads it with its default options. A definite path gives
 * one value (null is one) or nothing; an indefinite one a list, empty when nothing is found; nothing, when the part
 * before its first indefinite step leads nowhere. Throws a {@link BundleError} `mapping-failed` when the path takes more
 * than a million steps, or a scan goes deeper than 500.
 */
export function readPath(path: ParsedPath, root: JsonValue): PathResult {
  return follow(path, root, { root, work: MAX_WORK }, false)
}

function follow(path: ParsedPath, from: JsonValue, document: Document, isStrict: boolean): PathResult {
  const reading: Reading = { document, path, isStrict, results: [], isLost: false }
  enter(reading, 0, from)
  if (reading.isLost) return { found: false }
  if (!isDefinite(path)) return { found: true, value: reading.results }
  const value = reading.results.at(-1)
  return value === undefined ? { found: false } : { found: true, value }
}

/** Takes the step at `at` from a value; past the last step, the value is a result. */
function enter(reading: Reading, at: number, value: JsonValue): void {
  spend(reading.document)
  const step = reading.path.steps[at]
  if (step === undefined) {
    reading.results.push(value)
    return
  }
  switch (step.kind) {
    case 'names': {
      enterNames(reading, at, value, step.names)
      return
    }
    case 'indexes':
    case 'slice':
      if (isList(value)) enterEach(reading, at, value, placesOf(step, value.length))
      else loseIfDefinite(reading, at)
      return
    case 'wildcard':
      for (const item of isMembers(value) ? Object.values(value) : isList(value) ? value : [])
        enter(reading, at + 1, item)
      return
    case 'filter': {
      enterFilter(reading, at, value, step.test)
      return
    }
    case 'scan': {
      scan(reading, at + 1, value, 0)
      return
    }
    case 'function': {
      enterFunction(reading, at, value, step)
      return
    }
  }
}

function spend(document: Document): void {
  document.work -= 1
  if (document.work < 0)
    throw new BundleError(
      'mapping-failed',
      `the path takes more than ${MAX_WORK} steps through the answer: make it more exact`,
    )
}

/** A step that cannot be taken ends the whole path, but where others may still be taken beside it. */
function loseIfDefinite(reading: Reading, at: number): void {
  if (isDefinite(reading.path, at)) reading.isLost = true
}

function enterNames(reading: Reading, at: number, value: JsonValue, names: readonly string[]): void {
  const isLast = at === reading.path.steps.length - 1
  if (!isMembers(value)) {
    loseIfDefinite(reading, at)
    return
  }
  const present = names.filter((name) => Object.hasOwn(value, name))
  if (present.length < names.length && reading.isStrict) reading.isLost = true
  if (names.length > 1 && isLast) {
    reading.results.push(Object.fromEntries(present.map((name) => [name, value[name] ?? null])))
    return
  }
  if (present.length === 0 && names.length === 1 && !isLast) loseIfDefinite(reading, at)
  for (const name of present) enter(reading, at + 1, value[name] ?? null)
}

function enterEach(
  reading: Reading,
  at: number,
  list: readonly JsonValue[],
  places: readonly number[],
): void {
  for (const place of places) {
    const item = list.at(place)
    if (item !== undefined) enter(reading, at + 1, item)
  }
}

/** The places of a list that a step means. Jayway counts only one end of `[1:-1]` from behind, and so finds nothing. */
function placesOf(step: PathStep & { kind: 'indexes' | 'slice' }, length: number): readonly number[] {
  if (step.kind === 'indexes') return step.indexes
  const { from, to } = step
  const [first, end] =
    to === undefined
      ? [Math.max(0, (from ?? 0) < 0 ? length + (from ?? 0) : (from ?? 0)), length]
      : from === undefined
        ? [0, Math.min(length, to < 0 ? length + to : to)]
        : [Math.max(from, -length), Math.min(length, to)]
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i)
}

function enterFilter(reading: Reading, at: number, value: JsonValue, test: FilterTest): void {
  if (isMembers(value)) {
    if (holds(test, value, reading.document)) enter(reading, at + 1, value)
  } else if (isList(value)) {
    for (const item of value) if (holds(test, item, reading.document)) enter(reading, at + 1, item)
  } else loseIfDefinite(reading, at)
}

/** Takes the step at `at` from a value and from all within it, each before those that it holds. */
function scan(reading: Reading, at: number, value: JsonValue, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_DEPTH)
    throw new BundleError(
      'mapping-failed',
      `the answer is nested more than ${MAX_DEPTH} deep, too deep for ..`,
    )
  spend(reading.document)
  const step = reading.path.steps[at]
  const isLast = at === reading.path.steps.length - 1
  if (step !== undefined && isScanned(step, value, reading)) {
    // Jayway goes on from every item of a list here, whatever index was asked for.
    if (isList(value) && !isLast) for (const item of value) enter(reading, at + 1, item)
    else enter(reading, at, value)
  }
  for (const item of isList(value) ? value : Object.values(value)) scan(reading, at, item, depth + 1)
}

function isScanned(step: PathStep, value: JsonValue, { document, isStrict }: Reading): boolean {
  switch (step.kind) {
    case 'names':
      return isMembers(value) && (isStrict || step.names.every((name) => Object.hasOwn(value, name)))
    case 'indexes':
    case 'slice':
      return isList(value)
    case 'filter':
      return holds(step.test, value, document)
    case 'wildcard':
      return true
    case 'scan':
    case 'function':
      return false
  }
}

function enterFunction(
  reading: Reading,
  at: number,
  value: JsonValue,
  { name, args }: PathStep & { kind: 'function' },
): void {
  const isLength = name === 'length' || name === 'size'
  const results = args.map((each) => argumentOf(each, isLength, reading.document))
  const values = results.flatMap((result) => (result.found ? [result.value] : []))
  const result = values.length < results.length ? undefined : applyFunction(name, value, values)
  if (result === undefined) {
    reading.isLost = true
    return
  }
  reading.results.push(result)
  if (at < reading.path.steps.length - 1) enter(reading, at + 1, result)
}

/** An argument's value. The length of a path is that of what lies under it. */
function argumentOf(arg: FunctionArgument, isLength: boolean, document: Document): PathResult {
  if (arg.kind === 'value') return { found: true, value: arg.value }
  const isFunction = arg.path.steps.at(-1)?.kind === 'function'
  const path: ParsedPath =
    isLength && !isFunction ? { ...arg.path, steps: [...arg.path.steps, { kind: 'wildcard' }] } : arg.path
  return follow(path, document.root, document, false)
}

function holds(test: FilterTest, item: JsonValue, document: Document): boolean {
  spend(document)
  switch (test.kind) {
    case 'and':
      return test.tests.every((each) => holds(each, item, document))
    case 'or':
      return test.tests.some((each) => holds(each, item, document))
    case 'not':
      return !holds(test.test, item, document)
    case 'exists':
      return follow(test.path, test.path.root === '@' ? item : document.root, document, true).found
    case 'compare':
      return holdsComparison(test, item, document)
  }
}

function holdsComparison(
  test: FilterTest & { kind: 'compare' },
  item: JsonValue,
  document: Document,
): boolean {
  const { left, operator, right } = test
  const valueOf = (operand: FilterOperand): Compared => {
    if (operand.kind !== 'path') return operand.kind === 'value' ? operand.value : undefined
    const from = operand.path.root === '@' ? item : document.root
    const result = follow(operand.path, from, document, false)
    return result.found ? result.value : undefined
  }
  const leftValue = valueOf(left)
  const rightValue = valueOf(right)
  document.work -= lengthOf(leftValue) * lengthOf(rightValue) * (operator === '=~' ? WORK_OF_A_MATCH : 1)
  spend(document)
  if (operator !== '=~') return compareValues(leftValue, operator, rightValue)
  if (right.kind === 'pattern' && left.kind !== 'pattern') return matchesPattern(leftValue, right)
  return left.kind === 'pattern' && right.kind !== 'pattern' && matchesPattern(rightValue, left)
}

/** Lists that are compared item by item cost as much as they are long. */
function lengthOf(value: Compared): number {
  return isList(value) ? value.length : 1
}
