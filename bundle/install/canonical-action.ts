import type { DataAction } from '../definition/data-action.ts'

/** Members of a configuration, and what one that is absent stands for. */
const CONFIG_MEMBERS = [
  ['timeoutSeconds', null],
  ['request.requestUrlTemplate', ''],
  ['request.requestType', ''],
  ['request.headers', {}],
  ['request.requestTemplate', ''],
  ['response.translationMap', {}],
  ['response.translationMapDefaults', {}],
  ['response.successTemplate', ''],
] as const

/** The only dialect of contracts: naming it changes nothing. */
const DRAFT_04 = /^https?:\/\/json-schema\.org\/draft-04\/schema#?$/

/** The configuration in the API's form. An auth action has no time-out of its own: the platform refuses one. */
export function configOf(action: DataAction, timeoutSeconds: number): object {
  const { request, response } = action.config
  return action.actionType === 'customAuth' ? { request, response } : { timeoutSeconds, request, response }
}

/** The members in which two configurations differ, as paths. Key order and absent defaults are no difference. */
export function configDifferences(wanted: unknown, found: unknown): readonly string[] {
  return CONFIG_MEMBERS.filter(([path, absent]) => {
    const [ours, theirs] = [wanted, found].map((config) => stableText(at(config, path) ?? absent))
    return ours !== theirs
  }).map(([path]) => path)
}

/**
 * What in two contracts differs: `input x`, `output y`, or `input` for what belongs to no property. Key order, the order
 * of required names, and what says what is so anyway (draft-04, `additionalProperties: true`) are no difference.
 */
export function contractDifferences(wanted: unknown, found: unknown): readonly string[] {
  return [
    ...schemaDifferences('input', at(wanted, 'input.inputSchema'), at(found, 'input.inputSchema')),
    ...schemaDifferences('output', at(wanted, 'output.successSchema'), at(found, 'output.successSchema')),
  ]
}

function schemaDifferences(side: string, wanted: unknown, found: unknown): readonly string[] {
  const [ours, theirs] = [canonicalSchema(wanted), canonicalSchema(found)]
  if (stableText(ours) === stableText(theirs)) return []
  const [our, their] = [members(at(ours, 'properties')), members(at(theirs, 'properties'))]
  const names = [...new Set([...Object.keys(our), ...Object.keys(their)])].sort()
  const changed = names.filter((name) => stableText(our[name]) !== stableText(their[name]))
  return changed.length === 0 ? [side] : changed.map((name) => `${side} ${name}`)
}

/** A schema without what changes nothing. */
function canonicalSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(canonicalSchema)
  if (!isRecord(schema)) return schema
  const kept = Object.entries(schema)
    .filter(([keyword, value]) => !saysNothing(keyword, value))
    .map(([keyword, value]): [string, unknown] => [keyword, canonicalKeyword(keyword, value)])
  return Object.fromEntries(kept)
}

function canonicalKeyword(keyword: string, value: unknown): unknown {
  if (keyword === 'required' && Array.isArray(value)) return value.map(String).sort()
  if (['items', 'additionalItems', 'additionalProperties'].includes(keyword)) return canonicalSchema(value)
  if (keyword !== 'properties' || !isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, canonicalSchema(schema)]))
}

function saysNothing(keyword: string, value: unknown): boolean {
  if (keyword === 'default') return false
  if (value === undefined || value === null) return true
  if (keyword === '$schema') return typeof value === 'string' && DRAFT_04.test(value)
  if (keyword === 'additionalProperties' || keyword === 'additionalItems') return value === true
  if (keyword === 'required') return Array.isArray(value) && value.length === 0
  return keyword === 'properties' && isRecord(value) && Object.keys(value).length === 0
}

/** The same text for the same value, whatever the order of its keys. */
function stableText(value: unknown): string {
  return JSON.stringify([value], (_, each: unknown) =>
    isRecord(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : each,
  )
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => members(inner)[name], value)
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
