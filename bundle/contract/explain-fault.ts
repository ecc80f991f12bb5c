import type { ErrorObject } from 'ajv-draft-04'
import type { JsonValue } from '../definition/data-action.ts'
import { kindOf, memberOf } from '../definition/json-value.ts'

interface ExplainedFault {
  readonly path: readonly string[]
  readonly message: string
}

type Params = Readonly<Record<string, unknown>>

const LIMITS: Readonly<Record<string, (limit: string) => string>> = {
  minLength: (limit) => `is shorter than ${limit} characters`,
  maxLength: (limit) => `is longer than ${limit} characters`,
  minItems: (limit) => `has fewer than ${limit} items`,
  maxItems: (limit) => `has more than ${limit} items`,
  minProperties: (limit) => `has fewer than ${limit} members`,
  maxProperties: (limit) => `has more than ${limit} members`,
  additionalItems: (limit) => `has more than ${limit} items`,
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '>=': 'is less than',
  '>': 'is not greater than',
  '<=': 'is greater than',
  '<': 'is not less than',
}

/** One fault that the validator found in a value, as one sentence. `troubles` names the patterns that could not be matched. */
export function explainFault(
  fault: ErrorObject,
  value: JsonValue,
  troubles: ReadonlyMap<string, string>,
): ExplainedFault {
  const at = fault.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const params = fault.params as Params
  const member = params['missingProperty'] ?? params['additionalProperty']
  const path = typeof member === 'string' ? [...at, member] : at
  const place = path.length === 0 ? 'the value' : path.join('.')
  return { path, message: `${place} ${predicateOf(fault, params, valueAt(value, at), troubles)}` }
}

function predicateOf(
  { keyword, message }: ErrorObject,
  params: Params,
  value: JsonValue | undefined,
  troubles: ReadonlyMap<string, string>,
): string {
  const limit = LIMITS[keyword]
  if (limit) return limit(String(params['limit']))
  switch (keyword) {
    case 'required':
    case 'dependencies':
      return 'is missing'
    case 'additionalProperties':
      return 'is not in the contract, which allows no other names'
    case 'type':
      return `is ${value === undefined ? 'of another kind' : kindOf(value)}, not ${typeInWords(params['type'])}`
    case 'enum':
      return `is none of ${choices(params['allowedValues'])}`
    case 'minimum':
    case 'maximum':
      return `${COMPARISONS[String(params['comparison'])] ?? 'is beyond'} ${String(params['limit'])}`
    case 'multipleOf':
      return `is no multiple of ${String(params['multipleOf'])}`
    case 'uniqueItems':
      return `has the same item twice, at ${String(params['i'])} and ${String(params['j'])}`
    case 'pattern':
      return patternInWords(String(params['pattern']), troubles)
    case 'anyOf':
    case 'oneOf':
      return `does not fit ${keyword === 'anyOf' ? 'any' : 'exactly one'} of the alternatives of the contract`
    default:
      return message ?? 'does not fit the contract'
  }
}

function patternInWords(pattern: string, troubles: ReadonlyMap<string, string>): string {
  const told = `the pattern ${JSON.stringify(pattern)}`
  const trouble = troubles.get(pattern)
  return trouble === undefined ? `does not match ${told}` : `cannot be checked: ${told} ${trouble}`
}

function typeInWords(type: unknown): string {
  const names = Array.isArray(type) ? type.map(String) : [String(type)]
  return names
    .map((name) => (name === 'string' ? 'text' : name === 'array' ? 'list' : name))
    .map((name) => (name === 'null' ? name : `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`))
    .join(' or ')
}

function choices(allowed: unknown): string {
  const values = Array.isArray(allowed) ? allowed.map((each) => JSON.stringify(each)) : []
  return values.length <= 10
    ? values.join(', ')
    : `${values.slice(0, 10).join(', ')} and ${values.length - 10} more`
}

function valueAt(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (inner, step) =>
      Array.isArray(inner) ? (inner as readonly JsonValue[])[Number(step)] : memberOf(inner, step),
    value,
  )
}
