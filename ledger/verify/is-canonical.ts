import { isUtf8 } from 'node:buffer'
import { canonicalJson } from '../entry/canonical-json.ts'
import type { Json } from '../entry/entry.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const MINUS = 0x2d
const ZERO = 0x30
const LITERALS = ['true', 'false', 'null'].map((text) => Buffer.from(text))
const MAX_FAST_DEPTH = 64

/**
 * True when the bytes are the canonical form (RFC 8785) of a JSON object. Almost every entry is decided by one
 * pass over its bytes; what that pass is not sure of is parsed and written again.
 */
export function isCanonical(bytes: Buffer): boolean {
  return isUtf8(bytes) && isCanonicalAt(bytes, 0, bytes.length)
}

/** The same for `[from, to)` of bytes that are UTF-8. */
export function isCanonicalAt(bytes: Buffer, from: number, to: number): boolean {
  const isDecided = bytes[from] === OPEN_OBJECT && scanObject(bytes, from, 1) === to
  return isDecided || isRewritten(bytes.subarray(from, to))
}

function isRewritten(bytes: Buffer): boolean {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Json
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && Buffer.from(canonicalJson(value), 'utf8').equals(bytes)
  } catch {
    // Not JSON, too deep, or a lone surrogate: whatever it is, no append wrote it.
    return false
  }
}

/** Every scan returns the place after what it read, or -1 when it is not sure. */
function scanValue(bytes: Buffer, at: number, depth: number): number {
  const first = bytes[at]
  if (first === QUOTE) return scanString(bytes, at)
  if (first === OPEN_OBJECT) return depth < MAX_FAST_DEPTH ? scanObject(bytes, at, depth + 1) : -1
  if (first === OPEN_ARRAY) return depth < MAX_FAST_DEPTH ? scanArray(bytes, at, depth + 1) : -1
  if (first === MINUS || isDigit(first)) return scanNumber(bytes, at)
  for (const literal of LITERALS) {
    const end = at + literal.length
    if (bytes.compare(literal, 0, literal.length, at, Math.min(end, bytes.length)) === 0) return end
  }
  return -1
}

function scanObject(bytes: Buffer, start: number, depth: number): number {
  if (bytes[start + 1] === CLOSE_OBJECT) return start + 2
  let [previousFrom, previousTo] = [0, 0]
  for (let at = start + 1; ;) {
    const keyEnd = scanString(bytes, at)
    if (keyEnd < 0 || bytes[keyEnd] !== COLON) return -1
    const [from, to] = [at + 1, keyEnd - 1]
    if (previousTo > 0 && !isBefore(bytes, previousFrom, previousTo, from, to)) return -1
    ;[previousFrom, previousTo] = [from, to]
    at = scanValue(bytes, keyEnd + 1, depth)
    if (at < 0) return -1
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    if (bytes[at] !== COMMA) return -1
    at++
  }
}

function scanArray(bytes: Buffer, start: number, depth: number): number {
  if (bytes[start + 1] === CLOSE_ARRAY) return start + 2
  for (let at = start + 1; ;) {
    at = scanValue(bytes, at, depth)
    if (at < 0) return -1
    if (bytes[at] === CLOSE_ARRAY) return at + 1
    if (bytes[at] !== COMMA) return -1
    at++
  }
}

/** Strings with an escape are left to the slow way. */
function scanString(bytes: Buffer, start: number): number {
  if (bytes[start] !== QUOTE) return -1
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH || byte < 0x20) return -1
  }
  return -1
}

/** A number stands as ECMAScript prints it (RFC 8785 §3.2.2.3); most are whole and short, and need no printing. */
function scanNumber(bytes: Buffer, start: number): number {
  let end = start
  while (isDigit(bytes[end])) end++
  const isWhole = end > start && end - start <= 15 && !isNumberPart(bytes[end])
  if (isWhole && (bytes[start] !== ZERO || end === start + 1)) return end
  while (isNumberPart(bytes[end])) end++
  const text = bytes.toString('latin1', start, end)
  return String(Number(text)) === text ? end : -1
}

/** Digits, `+ - . E e`. */
function isNumberPart(byte: number | undefined): boolean {
  return isDigit(byte) || byte === 0x2b || byte === MINUS || byte === 0x2e || byte === 0x45 || byte === 0x65
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** The order of UTF-16 code units is the order of bytes as long as both keys are ASCII. */
function isBefore(bytes: Buffer, from: number, to: number, nextFrom: number, nextTo: number): boolean {
  const length = Math.min(to - from, nextTo - nextFrom)
  for (let i = 0; i < length; i++) {
    const [a, b] = [bytes[from + i] as number, bytes[nextFrom + i] as number]
    if (a >= 0x80 || b >= 0x80) return false
    if (a !== b) return a < b
  }
  return to - from < nextTo - nextFrom
}
