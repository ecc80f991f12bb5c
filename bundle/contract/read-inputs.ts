import { BundleError } from '../bundle-error.ts'
import type { JsonMembers, JsonValue } from '../definition/data-action.ts'
import { isMembers, kindOf, memberOf } from '../definition/json-value.ts'
import { nearestName } from './nearest-name.ts'

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/**
 * The inputs of a run: those of a JSON object, and over them those written as `name=value`, each value turned into what
 * the contract says (`5` into a number for an integer). A value that cannot be turned stays a text, for the validation
 * to refuse. Throws a {@link BundleError} `input-invalid` that names every pair without `=`, every name given twice, and
 * every name that the contract does not have.
 */
export function readInputs(
  pairs: readonly string[],
  jsonInputs: unknown,
  inputSchema: JsonMembers,
): JsonMembers {
  const declared = inputSchema['properties']
  const known = isMembers(declared) ? declared : {}
  const faults: string[] = []
  const inputs = new Map<string, JsonValue>()
  if (isMembers(jsonInputs)) for (const [name, value] of Object.entries(jsonInputs)) inputs.set(name, value)
  else if (jsonInputs !== undefined)
    faults.push(`the JSON inputs are ${kindOf(jsonInputs as JsonValue)}: write an object, {"name": value}`)
  const written = new Set<string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const name = at < 0 ? pair : pair.slice(0, at)
    if (at < 0) faults.push(`${shown(name)} has no value: write name=value`)
    else if (written.has(name)) faults.push(`${shown(name)} is given twice`)
    else inputs.set(name, typed(pair.slice(at + 1), memberOf(known, name)))
    written.add(name)
  }
  const unknown = [...inputs.keys()].filter((name) => !Object.hasOwn(known, name))
  faults.push(...unknown.map((name) => unknownName(name, Object.keys(known))))
  if (faults.length > 0) throw new BundleError('input-invalid', faults.join('; '))
  return Object.fromEntries(inputs)
}

function unknownName(name: string, known: readonly string[]): string {
  const near = nearestName(name, known)
  if (near !== undefined) return `there is no input ${shown(name)}: did you mean ${near}?`
  return `there is no input ${shown(name)}: ${known.length === 0 ? 'the action takes none' : `there are ${known.join(', ')}`}`
}

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name)
}

function typed(text: string, schema: JsonValue | undefined): JsonValue {
  const type = memberOf(schema, 'type')
  const types: readonly unknown[] = Array.isArray(type) ? type : [type]
  const isNumber = NUMBER.test(text) && Number.isFinite(Number(text))
  if (types.includes('integer') && isNumber && Number.isSafeInteger(Number(text))) return Number(text)
  if (types.includes('number') && isNumber) return Number(text)
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return types.includes('null') && text === 'null' ? null : text
}
