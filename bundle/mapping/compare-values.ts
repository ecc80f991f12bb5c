import { matchWithin } from '../bounded-pattern.ts'
import { BundleError } from '../bundle-error.ts'
import type { JsonValue } from '../definition/data-action.ts'
import { isMembers } from '../definition/json-value.ts'
import type { FilterOperator } from './path-step.ts'

export interface Pattern {
  readonly source: string
  readonly flags: string
}

/** What a filter compares: a value, or undefined for a path that leads nowhere. */
export type Compared = JsonValue | undefined

const NUMERAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const MAX_COMPARED_DEPTH = 500

/**
 * A comparison of a filter, as Jayway makes it: what leads nowhere equals nothing, and differs from everything; a text
 * and a number are equal when they read the same; what cannot be compared is not found.
 */
export function compareValues(
  left: Compared,
  operator: Exclude<FilterOperator, '=~'>,
  right: Compared,
): boolean {
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case '===':
      return isSameKind(left, right) && isEqual(left, right)
    case '!==':
      return !(isSameKind(left, right) && isEqual(left, right))
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isOrdered(left, operator, right)
    case 'in':
      return isList(right) && right.some((item) => isEqual(left, item))
    case 'nin':
      return isMembers(right) || (isList(right) && !right.some((item) => isEqual(left, item)))
    case 'contains':
      return contains(left, right)
    case 'size':
      return (
        (typeof left === 'string' || isList(left)) &&
        typeof right === 'number' &&
        left.length === Math.trunc(right)
      )
    case 'empty':
      return typeof right === 'boolean' && isEmpty(left) === right
    case 'subsetof':
      return (
        isList(left) && isList(right) && left.every((item) => right.some((other) => isEqual(item, other)))
      )
    case 'anyof':
      return isList(left) && isList(right) && left.some((item) => right.some((other) => isEqual(item, other)))
    case 'noneof':
      return (
        isList(left) && isList(right) && !left.some((item) => right.some((other) => isEqual(item, other)))
      )
  }
}

/** `=~`: the whole text matches, or one item of a list. Throws a {@link BundleError} for a pattern that does not end. */
export function matchesPattern(value: Compared, { source, flags }: Pattern): boolean {
  if (isList(value)) return value.some((item) => !isList(item) && matchesPattern(item, { source, flags }))
  const text = typeof value === 'object' || value === undefined ? '' : String(value)
  const matches = matchWithin(`^(?:${source})$`, flags.replace('m', ''), text)
  if (matches !== undefined) return matches
  throw new BundleError(
    'path-invalid',
    `the pattern /${source}/ takes too long on a text of the answer: make it simpler`,
  )
}

export function isList(value: Compared): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function isEqual(left: Compared, right: Compared, depth = 0): boolean {
  if (left === undefined || right === undefined) return false
  if (typeof left === 'string' && typeof right === 'number') return left === String(right)
  if (typeof left === 'number' && typeof right === 'string')
    return NUMERAL.test(right) && Number(right) === left
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right
  if (depth > MAX_COMPARED_DEPTH)
    throw new BundleError('mapping-failed', `the answer is nested more than ${MAX_COMPARED_DEPTH} deep`)
  if (isList(left) && isList(right))
    return left.length === right.length && left.every((item, i) => isEqual(item, right[i], depth + 1))
  if (!isMembers(left) || !isMembers(right)) return false
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isEqual(left[name], right[name], depth + 1))
  )
}

function isSameKind(left: Compared, right: Compared): boolean {
  return typeof left === typeof right && (left === null) === (right === null)
}

function isOrdered(left: Compared, operator: '<' | '<=' | '>' | '>=', right: Compared): boolean {
  const areNumbers = typeof left === 'number' && typeof right === 'number'
  const areTexts = typeof left === 'string' && typeof right === 'string'
  if (!areNumbers && !areTexts) return false
  if (left === right) return operator.endsWith('=')
  return left < right === operator.startsWith('<')
}

function contains(left: Compared, right: Compared): boolean {
  if (typeof left === 'string') return typeof right === 'string' && left.includes(right)
  return isList(left) && left.some((item) => isEqual(right, item))
}

function isEmpty(value: Compared): boolean | undefined {
  if (typeof value === 'string' || isList(value)) return value.length === 0
  return isMembers(value) ? Object.keys(value).length === 0 : undefined
}
