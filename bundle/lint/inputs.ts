import type { DataAction, JsonMembers, JsonValue } from '../definition/data-action.ts'
import { isMembers, memberOf } from '../definition/json-value.ts'

/** An input that the contract declares. */
export interface DeclaredInput {
  readonly name: string
  readonly isRequired: boolean
  /** Whether its value may be any text: not one of a list, and no number or boolean. */
  readonly isText: boolean
  readonly isNumberOrFlag: boolean
  /** The contract says what it is when it is not given. */
  readonly hasDefault: boolean
}

export const INPUTS_PATH = 'contract.input.inputSchema.properties'

/** The inputs of a contract, as far as it is one. */
export function inputsOf({ contract }: DataAction): readonly DeclaredInput[] {
  const { inputSchema } = contract.input
  const required = memberOf(inputSchema, 'required')
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name)
  return propertiesOf(inputSchema).map(([name, schema]) => ({
    name,
    isRequired: isRequired(name),
    isText: isFreeText(schema),
    isNumberOrFlag: isNumberOrFlag(schema),
    hasDefault: memberOf(schema, 'default') !== undefined,
  }))
}

/** The declared properties of a schema, none when it declares none. */
export function propertiesOf(schema: JsonMembers): readonly (readonly [string, JsonValue])[] {
  const properties = memberOf(schema, 'properties')
  return isMembers(properties) ? Object.entries(properties) : []
}

const TEXT_WITHOUT_MARKS: readonly JsonValue[] = ['uuid', 'date', 'date-time', 'time']

function isFreeText(schema: JsonValue): boolean {
  const type = memberOf(schema, 'type')
  if (type !== undefined && type !== 'string') return false
  const format = memberOf(schema, 'format')
  return (
    memberOf(schema, 'enum') === undefined && (format === undefined || !TEXT_WITHOUT_MARKS.includes(format))
  )
}

function isNumberOrFlag(schema: JsonValue): boolean {
  const type = memberOf(schema, 'type')
  return type === 'number' || type === 'integer' || type === 'boolean'
}

/** What the platform puts into every input by itself. */
export const PLATFORM_INPUTS: readonly string[] = ['rawRequest', 'orgId', 'integrationId']
