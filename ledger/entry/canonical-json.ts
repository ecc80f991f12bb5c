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
  return write(value, 0)
}

function write(value: Json, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') return writeNumber(value)
  if (depth >= MAX_DEPTH) throw new LedgerError('entry-invalid', `nested deeper than ${MAX_DEPTH} levels`)
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

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new LedgerError('entry-invalid', 'a number is not finite')
  return JSON.stringify(value)
}

function writeArray(items: readonly Json[], depth: number): string {
  let text = '['
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += ','
    text += write(items[i] ?? null, depth)
  }
  return text + ']'
}

function writeObject(object: JsonObject, depth: number): string {
  let text = '{'
  for (const member of Object.keys(object).sort()) {
    const value = object[member]
    if (value === undefined) continue
    if (text.length > 1) text += ','
    text += writeString(member) + ':' + write(value, depth)
  }
  return text + '}'
}
