import secureJson from 'secure-json-parse'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import type { Json, JsonObject } from '../../ledger/entry/entry.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { Parsed, Violation } from '../violation.ts'

/** Bytes in UTF-8. A filter has a few hundred; an entry holds two of them and what differs. */
export const MAX_JSON_TEXT_BYTES = 16_384

/** Objects and lists within each other. A filter has three. */
export const MAX_JSON_TEXT_DEPTH = 16

/**
 * Parses an input that holds a JSON object as text: a flow can give nothing but scalars. Refuses what no entry can
 * hold (lone surrogates, numbers that are not finite) and the names that turn an object into a trap.
 *
 * @param path the input's name, for violations
 */
export function parseJsonText(path: string, text: string): Parsed<JsonObject> {
  const refused = (code: string, message: string): Parsed<JsonObject> => ({
    ok: false,
    violations: [{ path, code, message } satisfies Violation],
  })
  if (Buffer.byteLength(text) > MAX_JSON_TEXT_BYTES)
    return refused('maxBytes', `at most ${MAX_JSON_TEXT_BYTES} bytes`)
  const value = parseOrUndefined(text)
  if (value === undefined)
    return refused(
      'json',
      'the text of a JSON object without __proto__ and constructor.prototype is expected',
    )
  if (isDeeperThan(value, MAX_JSON_TEXT_DEPTH))
    return refused('depth', `nested deeper than ${MAX_JSON_TEXT_DEPTH} levels`)
  const unfit = unfitness(value)
  return unfit === undefined ? { ok: true, value } : refused('unfit', unfit)
}

function parseOrUndefined(text: string): JsonObject | undefined {
  try {
    // secure-json-parse would cut a byte order mark off in silence.
    if (text.startsWith('\uFEFF')) return undefined
    const value: unknown = secureJson.parse(text, { protoAction: 'error', constructorAction: 'error' })
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (asRecord(value) as JsonObject)
      : undefined
  } catch {
    return undefined
  }
}

/** Without recursion: depth is the caller's choice. */
function isDeeperThan(value: object, limit: number): boolean {
  let level: object[] = [value]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap((parent) => Object.values(parent).filter(isObject))
  }
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Why no entry can hold it; undefined when one can. */
function unfitness(value: Json): string | undefined {
  try {
    canonicalJson(value)
    return undefined
  } catch (error) {
    if (error instanceof LedgerError) return error.message
    throw error
  }
}
