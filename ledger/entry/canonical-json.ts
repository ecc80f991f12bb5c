import type { Json, JsonObject } from './entry.ts'
import { LedgerError } from '../ledger-error.ts'

/** Deeper values are refused: recursion here must not depend on what a sender nests. */
export const MAX_DEPTH = 64

/**
 * The canonical text of a JSON value: RFC 8785 (JCS). Members are sorted by UTF-16 code units, numbers
 * printed as ECMAScript does, no white space. Members that are `undefined` are left out.
 *
 * @throws LedgerError `entry-invalid` for NaN, infinities, lone surrogates and depth beyond {@link MAX_DEPTH}
 */
export function canonicalJson(value: Json): string {
  const sorted = sortMembers(value, 0)
  const text = sorted === undefined ? undefined : JSON.stringify(sorted)
  // JSON.stringify escapes a lone surrogate, and nothing else, as \ud…; the text of such an escape it would double.
  return text === undefined || text.includes('\\ud') ? write(value, 0) : text
}

/**
 * The value with its members in canonical order, so that JSON.stringify, which is faster than anything written
 * here, prints its canonical text. Undefined for what no object can keep in that order, or must not be handed
 * one: names that look like an array's index, and `__proto__`.
 */
function sortMembers(value: Json, depth: number): Json | undefined {
  if (typeof value !== 'object' || value === null) return checkedScalar(value)
  if (depth >= MAX_DEPTH) throw tooDeep()
  return isArray(value) ? sortItems(value, depth + 1) : sortObject(value, depth + 1)
}

function sortItems(items: readonly Json[], depth: number): readonly Json[] | undefined {
  const sorted: Json[] = []
  for (const item of items) {
    const value = sortMembers(item, depth)
    if (value === undefined) return undefined
    sorted.push(value)
  }
  return sorted
}

function sortObject(object: JsonObject, depth: number): JsonObject | undefined {
  const sorted: Record<string, Json> = {}
  for (const member of sortedNames(object)) {
    const value = object[member]
    if (value === undefined) continue
    const first = member.charCodeAt(0)
    if ((first >= 0x30 && first <= 0x39) || member === '__proto__') return undefined
    const inner = sortMembers(value, depth)
    if (inner === undefined) return undefined
    sorted[member] = inner
  }
  return sorted
}

function sortedNames(object: JsonObject): readonly string[] {
  const names = Object.keys(object)
  for (let i = 1; i < names.length; i++)
    if ((names[i - 1] as string) > (names[i] as string)) return names.sort()
  return names
}

function checkedScalar(value: null | boolean | number | string): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notFinite()
  return value
}

/** @throws LedgerError `entry-invalid` for NaN, infinities and depth, as {@link canonicalJson} does */
export function requireFiniteNumbers(value: unknown, depth = 0): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notFinite()
  if (typeof value !== 'object' || value === null) return
  if (depth >= MAX_DEPTH) throw tooDeep()
  for (const inner of Object.values(value)) requireFiniteNumbers(inner, depth + 1)
}

function write(value: Json, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') return JSON.stringify(checkedScalar(value))
  if (depth >= MAX_DEPTH) throw tooDeep()
  return isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1)
}

// Array.isArray does not narrow a readonly array out of a union.
function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}

function writeString(value: string): string {
  // JSON.stringify would escape a lone surrogate; RFC 8785 §3.2.2.2 wants an error, as no UTF-8 stands for it.
  if (!value.isWellFormed()) throw new LedgerError('entry-invalid', 'a string holds a lone surrogate')
  return JSON.stringify(value)
}

function writeArray(items: readonly Json[], depth: number): string {
  return `[${items.map((item) => write(item, depth)).join(',')}]`
}

function writeObject(object: JsonObject, depth: number): string {
  let text = '{'
  for (const member of sortedNames(object)) {
    const value = object[member]
    if (value === undefined) continue
    if (text.length > 1) text += ','
    text += writeString(member) + ':' + write(value, depth)
  }
  return text + '}'
}

function tooDeep(): LedgerError {
  return new LedgerError('entry-invalid', `nested deeper than ${MAX_DEPTH} levels`)
}

function notFinite(): LedgerError {
  return new LedgerError('entry-invalid', 'a number is not finite')
}
