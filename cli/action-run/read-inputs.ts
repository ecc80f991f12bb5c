import type { JsonMembers, JsonValue } from '../../bundle/definition/data-action.ts'
import { isMembers, kindOf, memberOf } from '../../bundle/definition/json-value.ts'
import { CliError, EXIT } from '../exit.ts'
import { didYouMean } from '../nearest-word.ts'

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/**
 * The inputs of a run: those of a JSON object, and over them those written as `name=value`, each value turned into what
 * the contract says (`5` into a number for an integer). A value that cannot be turned stays a text, for the validation
 * to refuse.
 *
 * @throws CliError that names every pair without `=`, every name given twice, and every name that the contract does not have
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
  if (faults.length > 0) throw new CliError(EXIT.usage, faults.join('; '))
  return Object.fromEntries(inputs)
}

function unknownName(name: string, known: readonly string[]): string {
  const there = known.length === 0 ? ': the action takes none' : `: there are ${known.join(', ')}`
  return `there is no input ${shown(name)}${didYouMean(name, known) || there}`
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
