import type { Violation } from './sandbox-error.ts'

/** Where violations are gathered. A check returns a fallback after adding one; the caller refuses at the end. */
export type Violations = Violation[]

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function addInvalid(violations: Violations, fieldName: string, value: unknown, rule: string): void {
  const message = `Value [${shown(value)}] is not valid for field [${fieldName}]: ${rule}`
  violations.push({ code: 'invalid.value', fieldName, message })
}

export function addMissing(violations: Violations, fieldName: string): void {
  violations.push({ code: 'missing.value', fieldName, message: `Field [${fieldName}] is required.` })
}

/** The value as a record; an empty one after a violation. */
export function recordField(
  violations: Violations,
  fieldName: string,
  value: unknown,
): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  if (value === undefined) addMissing(violations, fieldName)
  else addInvalid(violations, fieldName, value, 'it must be an object.')
  return {}
}

export function refuseUnknown(
  violations: Violations,
  record: Readonly<Record<string, unknown>>,
  known: readonly string[],
  prefix = '',
): void {
  for (const name of Object.keys(record)) {
    if (known.includes(name)) continue
    const fieldName = prefix + name
    violations.push({ code: 'unknown.property', fieldName, message: `Field [${fieldName}] is not known.` })
  }
}

export interface TextRule {
  readonly min: number
  readonly max: number
  readonly pattern?: RegExp
}

export function textField(
  violations: Violations,
  fieldName: string,
  value: unknown,
  { min, max, pattern }: TextRule,
): string {
  if (value === undefined) {
    addMissing(violations, fieldName)
    return ''
  }
  const text = typeof value === 'string' ? value.normalize('NFC').trim() : undefined
  const fits = text !== undefined && text.length >= min && text.length <= max
  if (fits && (pattern === undefined || pattern.test(text))) return text
  addInvalid(violations, fieldName, value, `it must be text of ${min} to ${max} permitted characters.`)
  return ''
}

export function shareField(violations: Violations, fieldName: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  if (value === undefined) addMissing(violations, fieldName)
  else addInvalid(violations, fieldName, value, 'it must be a number from 0 to 1.')
  return 0
}

export interface IntegerRule {
  readonly min: number
  readonly max: number
}

export function integerField(
  violations: Violations,
  fieldName: string,
  value: unknown,
  { min, max }: IntegerRule,
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  addInvalid(violations, fieldName, value, `it must be an integer from ${min} to ${max}.`)
  return min
}

export function booleanField(
  violations: Violations,
  fieldName: string,
  value: unknown,
  absent: boolean,
): boolean {
  if (value === undefined) return absent
  if (typeof value === 'boolean') return value
  addInvalid(violations, fieldName, value, 'it must be true or false.')
  return absent
}

export function choiceField<T extends string>(
  violations: Violations,
  fieldName: string,
  value: unknown,
  allowed: readonly [T, ...T[]],
): T {
  const found = allowed.find((one) => one === value)
  if (found !== undefined) return found
  if (value === undefined) addMissing(violations, fieldName)
  else addInvalid(violations, fieldName, value, `allowable values are: ${allowed.join(', ')}.`)
  return allowed[0]
}

/** A non-empty set of choices, in the order given. */
export function choicesField<T extends string>(
  violations: Violations,
  fieldName: string,
  value: unknown,
  allowed: readonly [T, ...T[]],
): readonly T[] {
  if (value === undefined) {
    addMissing(violations, fieldName)
    return []
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > 10) {
    addInvalid(violations, fieldName, value, 'it must be a list of 1 to 10 values.')
    return []
  }
  if (new Set(value).size !== value.length) addInvalid(violations, fieldName, value, 'a value stands twice.')
  return value.map((one: unknown, index) => choiceField(violations, `${fieldName}[${index}]`, one, allowed))
}

/** A short quotation of a value for a message. */
function shown(value: unknown): string {
  if (value === undefined) return 'undefined'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
