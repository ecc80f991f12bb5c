import { addInvalid, isRecord, recordField } from '../fields.ts'
import type { Violations } from '../fields.ts'
import type { ActionContract, JsonSchema } from './integration-state.ts'
import { isDeeper } from './read-body.ts'

const SCALARS = ['boolean', 'integer', 'null', 'number', 'string']
const INPUT_NAME = '^[a-zA-Z][a-zA-Z0-9_-]*$'
const MAX_DEPTH = 50

/** An action without a contract: what a draft starts with. */
export const NO_CONTRACT: ActionContract = {
  inputSchema: { type: 'object', properties: {}, additionalProperties: true },
  successSchema: { type: 'object', properties: {}, additionalProperties: true },
}

/** Parses `ActionContractInput` of the platform API, both schemas draft-04. */
export function parseContract(violations: Violations, value: unknown): ActionContract {
  const contract = recordField(violations, 'contract', value)
  if (contract !== value) return NO_CONTRACT
  const input = recordField(violations, 'contract.input', contract['input'])
  const output = recordField(violations, 'contract.output', contract['output'])
  const inputSchema = schemaOf(violations, 'contract.input.inputSchema', input, 'inputSchema')
  const successSchema = schemaOf(violations, 'contract.output.successSchema', output, 'successSchema')
  if (inputSchema !== undefined) checkInput(violations, inputSchema)
  if (successSchema !== undefined) checkOutput(violations, successSchema)
  return {
    inputSchema: inputSchema ?? NO_CONTRACT.inputSchema,
    successSchema: successSchema ?? NO_CONTRACT.successSchema,
  }
}

function schemaOf(
  violations: Violations,
  fieldName: string,
  parent: Readonly<Record<string, unknown>>,
  name: string,
): JsonSchema | undefined {
  const value = parent[name]
  const schema = recordField(violations, fieldName, value)
  if (schema !== value) return undefined
  if (isDeeper(schema, MAX_DEPTH)) {
    violations.push({
      code: 'invalid.value',
      fieldName,
      message: `The depth of JSON objects is limited to ${MAX_DEPTH} levels.`,
    })
    return undefined
  }
  if (hasReference(schema)) {
    addInvalid(violations, fieldName, '$ref', 'contracts do not support the $ref keyword.')
  }
  return schema
}

function hasReference(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  if (isRecord(schema) && typeof schema['$ref'] === 'string') return true
  return Object.values(schema).some(hasReference)
}

/** The platform's meta-schema of a simple properties schema, in the platform's words. */
function checkInput(violations: Violations, schema: JsonSchema): void {
  const properties = schema['properties'] ?? {}
  if (schema['type'] !== 'object') {
    addSimple(
      violations,
      '/properties/type',
      `instance value (${quote(schema['type'])}) not found in enum (possible values: ["object"])`,
    )
    return
  }
  if (!isRecord(properties)) {
    addSimple(
      violations,
      '/properties/properties',
      'instance type does not match any allowed primitive type (allowed: ["object"])',
    )
    return
  }
  for (const [name, property] of Object.entries(properties)) {
    const type = isRecord(property) ? property['type'] : property
    if (!new RegExp(INPUT_NAME).test(name)) {
      addSimple(
        violations,
        '/properties/properties',
        `object instance has properties which are not allowed by the schema: [${quote(name)}]`,
      )
    } else if (typeof type !== 'string' || !SCALARS.includes(type)) {
      const place = `/properties/properties/patternProperties/${INPUT_NAME}/properties/type`
      addSimple(
        violations,
        place,
        `instance value (${quote(type)}) not found in enum (possible values: ${quote(SCALARS)})`,
      )
    }
  }
}

function addSimple(violations: Violations, place: string, reason: string): void {
  violations.push({
    code: 'invalid.value',
    fieldName: 'contract.input.inputSchema',
    message:
      'Failed Validation of contract.input.inputSchema as a simple properties schema. ' +
      'Must be an Object with properties and no sub-objects. JSON failed schema validation. ' +
      `Schema: # @${place} ${reason}`,
  })
}

function quote(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value).slice(0, 200)
}

function checkOutput(violations: Violations, schema: JsonSchema): void {
  const fieldName = 'contract.output.successSchema'
  if (schema['type'] !== 'object' && schema['type'] !== 'array') {
    addInvalid(violations, `${fieldName}.type`, schema['type'], 'allowable values are: object, array.')
  }
  if (hasNestedArray(schema, false)) {
    addInvalid(violations, fieldName, 'array', 'the output contract does not support nested arrays.')
  }
}

function hasNestedArray(schema: unknown, inArray: boolean): boolean {
  if (!isRecord(schema)) return false
  const isArray = schema['type'] === 'array'
  if (isArray && inArray) return true
  const properties = isRecord(schema['properties']) ? Object.values(schema['properties']) : []
  return [...properties, schema['items']].some((one) => hasNestedArray(one, inArray || isArray))
}
