import { BundleError } from '../bundle-error.ts'
import type { JsonMembers, JsonValue } from '../definition/data-action.ts'
import { isMembers, memberOf } from '../definition/json-value.ts'

/** One output as Architect sees it. */
export interface FlatOutput {
  /** `conversation.id`; empty for a list of scalars that is the whole result. */
  readonly name: string
  readonly value: JsonValue
}

/** An output that a contract promises. */
export interface DeclaredOutput {
  readonly name: string
  /** As the schema has it; `any` where it says nothing. */
  readonly type: string
  readonly isCollection: boolean
}

/** An output that a flow can bind; its value is undefined when the result has none. */
export interface BoundOutput extends DeclaredOutput {
  readonly value: JsonValue | undefined
}

const MAX_DEPTH = 100

/**
 * A result as Architect sees it: names within names are joined by a point, a list of objects becomes a list for each of
 * their members, and a list of scalars stays one. So far documented. Assumed: an object without a member has null in its
 * place, so that the lists stay in step; a list within a list stays whole; an object without members is no output.
 * Throws a {@link BundleError} `mapping-failed` for a result that is more than 100 deep.
 */
export function flattenOutput(result: JsonValue): readonly FlatOutput[] {
  return flatten('', result, 0)
}

function flatten(name: string, value: JsonValue, depth: number): readonly FlatOutput[] {
  if (depth > MAX_DEPTH)
    throw new BundleError(
      'mapping-failed',
      `the result is nested more than ${MAX_DEPTH} deep: it cannot be flattened`,
    )
  if (isMembers(value))
    return Object.entries(value).flatMap(([member, each]) => flatten(joined(name, member), each, depth + 1))
  if (isList(value) && value.some(isMembers)) return flattenList(name, value, depth)
  return [{ name, value }]
}

/** One list for each name that an item has; what is no object keeps the list's own name. */
function flattenList(name: string, items: readonly JsonValue[], depth: number): readonly FlatOutput[] {
  const lists = new Map<string, JsonValue[]>()
  items.forEach((item, at) => {
    if (item === null) return
    for (const each of flatten(name, item, depth + 1)) {
      const list = lists.get(each.name) ?? items.map(() => null)
      list[at] = each.value
      lists.set(each.name, list)
    }
  })
  return [...lists].map(([each, value]) => ({ name: each, value }))
}

/** The outputs that a success schema promises, in its order and with the names that {@link flattenOutput} gives them. */
export function flattenSchema(successSchema: JsonMembers): readonly DeclaredOutput[] {
  return declared('', successSchema, false, 0)
}

function declared(
  name: string,
  schema: JsonValue | undefined,
  isCollection: boolean,
  depth: number,
): readonly DeclaredOutput[] {
  const members = memberOf(schema, 'properties')
  const items = memberOf(schema, 'items')
  const type = memberOf(schema, 'type')
  const isDeeper = depth < MAX_DEPTH
  if (isDeeper && isMembers(members) && Object.keys(members).length > 0)
    return Object.entries(members).flatMap(([member, each]) =>
      declared(joined(name, member), each, isCollection, depth + 1),
    )
  if (isDeeper && type === 'array') return declared(name, isMembers(items) ? items : {}, true, depth + 1)
  if (name === '' && !isCollection) return []
  return [{ name, type: typeof type === 'string' ? type : 'any', isCollection }]
}

/**
 * What a flow can bind of a result: each output that the contract declares, with the result's value where it has one; and
 * the names of what the result has beside them, which no flow can reach.
 */
export function bindOutputs(
  result: JsonValue,
  successSchema: JsonMembers,
): { readonly outputs: readonly BoundOutput[]; readonly undeclared: readonly string[] } {
  const flat = new Map(flattenOutput(result).map(({ name, value }) => [name, value]))
  const outputs = flattenSchema(successSchema).map((output) => ({ ...output, value: flat.get(output.name) }))
  const names = new Set(outputs.map(({ name }) => name))
  return { outputs, undeclared: [...flat.keys()].filter((name) => !names.has(name)) }
}

function joined(name: string, member: string): string {
  return name === '' ? member : `${name}.${member}`
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
