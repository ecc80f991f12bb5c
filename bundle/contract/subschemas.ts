import { isMembers } from '../definition/json-value.ts'
import type { JsonMembers, JsonValue } from '../definition/data-action.ts'

/** A schema, and where it stands. */
export interface PlacedSchema {
  readonly schema: JsonMembers
  readonly path: readonly string[]
  /** How many schemas it stands in: the outermost is 1. */
  readonly depth: number
  /** Whether what it describes stands in an array of the same value. */
  readonly isInArray: boolean
}

/** The keywords of draft-04 that hold schemas by names of the author's own. */
const NAMED = ['properties', 'patternProperties', 'definitions', 'dependencies']
const SINGLE = ['additionalProperties', 'not']
const LISTED = ['allOf', 'anyOf', 'oneOf']
const OF_ITEMS = ['items', 'additionalItems']

/**
 * A schema and every one in it, each before those that it holds. What is deeper than `limit` is not entered: its first
 * is still told. A name that an author gave a property is never taken for a keyword.
 */
export function schemasIn(
  root: JsonMembers,
  path: readonly string[],
  limit: number,
): readonly PlacedSchema[] {
  const found: PlacedSchema[] = []
  const visit = (placed: PlacedSchema): void => {
    found.push(placed)
    if (placed.depth > limit) return
    for (const inner of subschemasOf(placed)) visit(inner)
  }
  visit({ schema: root, path, depth: 1, isInArray: false })
  return found
}

function subschemasOf({ schema, path, depth, isInArray }: PlacedSchema): readonly PlacedSchema[] {
  const placed = (
    value: JsonValue | undefined,
    inArray: boolean,
    ...steps: string[]
  ): readonly PlacedSchema[] =>
    isMembers(value)
      ? [{ schema: value, path: [...path, ...steps], depth: depth + 1, isInArray: inArray }]
      : []
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const inArray = isInArray || OF_ITEMS.includes(keyword)
    if (NAMED.includes(keyword) && isMembers(value))
      return Object.entries(value).flatMap(([name, each]) => placed(each, inArray, keyword, name))
    if (LISTED.includes(keyword) || (keyword === 'items' && Array.isArray(value)))
      return isList(value) ? value.flatMap((each, i) => placed(each, inArray, keyword, String(i))) : []
    return SINGLE.includes(keyword) || OF_ITEMS.includes(keyword) ? placed(value, inArray, keyword) : []
  })
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
