import { readJson } from '../exchange.ts'
import type { SandboxRequest } from '../exchange.ts'
import { addInvalid, isRecord, recordField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import { refuseViolations, SandboxError } from '../sandbox-error.ts'

type Body = Readonly<Record<string, unknown>>

const MAX_DEPTH = 100
const NOT_FOUND = 'not.found'

/**
 * Reads a JSON object. Members nobody asked for are tolerated, as the platform does.
 *
 * @throws SandboxError `unsupported.media.type`, `bad.request`, `invalid.value`
 */
export function readBody(request: SandboxRequest): Body {
  const value = readJson(request)
  if (isDeeper(value, MAX_DEPTH)) {
    throw new SandboxError('bad.request', `The body is nested deeper than ${MAX_DEPTH} levels.`)
  }
  const violations: Violations = []
  const record = recordField(violations, 'body', value)
  refuseViolations(violations)
  return record
}

/** Whether a JSON value has more than `levels` levels. Goes no deeper than that itself. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1))
}

/** A record of texts; an empty one when absent or after a violation. */
export function textsField(
  violations: Violations,
  fieldName: string,
  value: unknown,
): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {}
  if (!isRecord(value)) {
    addInvalid(violations, fieldName, value, 'it must be an object of texts.')
    return {}
  }
  const texts = Object.entries(value).map(([name, one]): readonly [string, string] => {
    if (typeof one === 'string') return [name, one]
    addInvalid(violations, `${fieldName}.${name}`, one, 'it must be text.')
    return [name, '']
  })
  return Object.fromEntries(texts)
}

/** A text taken as it is, untrimmed, or `absent`. */
export function rawTextField(
  violations: Violations,
  fieldName: string,
  value: unknown,
  absent: string,
): string {
  if (value === undefined || value === null) return absent
  if (typeof value === 'string') return value
  addInvalid(violations, fieldName, value, 'it must be text.')
  return absent
}

/** @throws SandboxError `not.found` that names what was looked for */
export function found<T>(value: T | undefined, what: string, id: string): T {
  if (value !== undefined) return value
  throw new SandboxError(NOT_FOUND, `The ${what} ${JSON.stringify(id)} was not found.`, {
    details: [{ errorCode: NOT_FOUND, entityId: id }],
  })
}

/** Whether the query asks to `expand` a member, in a list with commas or in parameters of their own. */
export function expands(request: SandboxRequest, name: string): boolean {
  return request.query.getAll('expand').some((list) => list.split(',').includes(name))
}

/** Whether the query says `true` for a parameter. */
export function isAsked(request: SandboxRequest, name: string): boolean {
  return request.query.get(name) === 'true'
}
