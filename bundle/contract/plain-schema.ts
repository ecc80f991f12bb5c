import { BundleError } from '../bundle-error.ts'
import type { JsonMembers, JsonValue } from '../definition/data-action.ts'
import { isMembers } from '../definition/json-value.ts'
import { schemasIn } from './subschemas.ts'

/** Deeper than any contract may be, and far from the end of the stack. */
const MAX_DEPTH = 100

const VALUE_KEYWORDS = [
  'type',
  'enum',
  'required',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]
const SCHEMA_KEYWORDS = ['items', 'additionalItems', 'additionalProperties', 'not', 'allOf', 'anyOf', 'oneOf']
const NAMED_KEYWORDS = ['properties', 'patternProperties', 'dependencies']

/**
 * A schema with nothing but the keywords of draft-04 that say something of a value: no `$schema`, `id`, `format` or
 * `default`, and no word that a validator, but not the platform, would take for a keyword of its own. Throws a
 * {@link BundleError} `contract-invalid` for a `$ref` and for a schema that is too deep.
 */
export function plainSchema(schema: JsonMembers, where: string): JsonMembers {
  const placed = schemasIn(schema, [where], MAX_DEPTH)
  if (placed.some(({ depth }) => depth > MAX_DEPTH))
    throw new BundleError('contract-invalid', `${where} is more than ${MAX_DEPTH} levels deep: flatten it`)
  const reference = placed.find((each) => Object.hasOwn(each.schema, '$ref'))
  if (reference)
    throw new BundleError(
      'contract-invalid',
      `${[...reference.path, '$ref'].join('.')}: contracts do not support $ref: write what it refers to in its place`,
    )
  return plain(schema)
}

function plain(schema: JsonMembers): JsonMembers {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]): readonly [string, JsonValue][] => {
      // Draft-04 refuses an empty list here; editors write one all the same.
      if (keyword === 'required' && Array.isArray(value) && value.length === 0) return []
      if (VALUE_KEYWORDS.includes(keyword)) return [[keyword, value]]
      if (SCHEMA_KEYWORDS.includes(keyword))
        return [[keyword, Array.isArray(value) ? value.map(plainOrAsIs) : plainOrAsIs(value)]]
      if (!NAMED_KEYWORDS.includes(keyword)) return []
      if (!isMembers(value)) return [[keyword, value]]
      return [
        [keyword, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainOrAsIs(each)]))],
      ]
    }),
  )
}

/** What is no schema is left for the validator to refuse. */
function plainOrAsIs(value: JsonValue): JsonValue {
  return isMembers(value) ? plain(value) : value
}
