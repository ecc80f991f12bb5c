import 'reflect-metadata'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import type { ValidationError } from 'class-validator'
import type { Parsed, Violation } from './violation.ts'

/** More than one refusal needs; an attacker's thousand keys do not become a thousand lines. */
const MAX_VIOLATIONS = 50

/**
 * Validates an input against a DTO class. The only place that calls class-validator: without these options
 * it passes nested fields that nobody decorated.
 */
export function validateInput<T extends object>(dto: new () => T, input: unknown): Parsed<T> {
  if (!isPlainObject(input)) {
    return { ok: false, violations: [{ path: '', code: 'isObject', message: 'a JSON object is expected' }] }
  }
  const unfit = unfitMembers(input)
  if (unfit.length > 0) return { ok: false, violations: unfit.slice(0, MAX_VIOLATIONS) }
  const value = plainToInstance(dto, input)
  const errors = validateSync(value, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  })
  if (errors.length === 0) return { ok: true, value }
  return { ok: false, violations: errors.flatMap((error) => flatten(error, '')).slice(0, MAX_VIOLATIONS) }
}

/** Rules on the type of a value: when one is broken, the others say nothing. */
const TYPE_RULES: ReadonlySet<string> = new Set([
  'isArray',
  'isBoolean',
  'isDefined',
  'isInt',
  'isNumber',
  'isObject',
  'isString',
])

function flatten(error: ValidationError, prefix: string): readonly Violation[] {
  // A name of the caller's own choosing may be long or odd: it is shown, but not at any length.
  const path = prefix + shownName(error.property)
  const broken = Object.entries(error.constraints ?? {})
  // Of a value of the wrong type, what else it is not would only be noise.
  const ofType = broken.filter(([code]) => TYPE_RULES.has(code)).slice(-1)
  const own = (ofType.length > 0 ? ofType : broken).map(([code, message]) => ({
    path,
    code,
    message: code === 'whitelistValidation' ? 'there is no such field' : message,
  }))
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, `${path}.`))]
}

/** Names that class-transformer stumbles over: it looks up `constructor` on what it is given. */
const UNFIT_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** No input of ours is deeper; class-transformer recurses. */
const MAX_INPUT_DEPTH = 16

function unfitMembers(value: object, prefix = '', depth = 1): readonly Violation[] {
  if (depth > MAX_INPUT_DEPTH) {
    return [
      { path: prefix.slice(0, 80), code: 'depth', message: `nested deeper than ${MAX_INPUT_DEPTH} levels` },
    ]
  }
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): readonly Violation[] => {
    const path = prefix + shownName(name)
    if (UNFIT_NAMES.has(name))
      return [{ path, code: 'whitelistValidation', message: 'there is no such field' }]
    if (typeof inner === 'string' && /\p{Surrogate}/u.test(inner))
      return [{ path, code: 'wellFormed', message: 'must be well-formed Unicode' }]
    return typeof inner === 'object' && inner !== null ? unfitMembers(inner, `${path}.`, depth + 1) : []
  })
}

/** A caller's own name as a violation shows it: cut, and such that the ledger can hold it. */
export function shownName(name: string): string {
  return name.slice(0, 80).replace(/\p{Surrogate}/gu, '\ufffd')
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
