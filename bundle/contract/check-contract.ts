import type { JsonMembers, JsonValue } from '../definition/data-action.ts'
import { isMembers, kindOf, memberOf } from '../definition/json-value.ts'
import { schemasIn } from './subschemas.ts'
import type { PlacedSchema } from './subschemas.ts'

export type ContractRule =
  /** The input schema is an object with named inputs. */
  | 'input-object'
  /** An input is one string, integer, number, boolean or null. */
  | 'input-scalar'
  /** An input's name begins with a letter and has letters, digits, `-` and `_` only. */
  | 'input-name'
  /** Some names are the platform's own. */
  | 'input-reserved'
  /** Contracts have no `$ref`. */
  | 'no-ref'
  /** The result is an object or an array. */
  | 'output-top-level'
  /** The result has no array within an array. */
  | 'output-nested-array'
  /** Objects and arrays stand in one another 50 deep at most. */
  | 'depth'

/** Where a contract breaks a rule that Genesys Cloud documents. */
export interface ContractProblem {
  readonly rule: ContractRule
  /** The members that lead there, from the top of the definition; of what is missing, to where it would stand. */
  readonly path: readonly string[]
  readonly message: string
  readonly fix: string
}

const INPUT_TYPES = ['boolean', 'integer', 'null', 'number', 'string']
const INPUT_NAME = /^[a-zA-Z][a-zA-Z0-9_-]*$/
const RESERVED_NAMES = ['orgId', 'integrationId', 'rawRequest']
const MAX_DEPTH = 50
const INPUT_PATH = ['contract', 'input', 'inputSchema']
const OUTPUT_PATH = ['contract', 'output', 'successSchema']

/**
 * What of a contract breaks the platform's rules: those of "Add contracts to custom actions for integrations", and of
 * the meta-schema that its refusals print. Whether the schemas are JSON schemas at all is asked of `compileContract`.
 * Never throws.
 */
export function checkContract(contract: {
  readonly input: { readonly inputSchema: JsonMembers }
  readonly output: { readonly successSchema: JsonMembers }
}): readonly ContractProblem[] {
  return [
    ...checkInputSchema(contract.input.inputSchema),
    ...checkOutputSchema(contract.output.successSchema),
  ]
}

/** The rules of {@link checkContract} on an input schema alone. */
export function checkInputSchema(schema: JsonMembers, path = INPUT_PATH): readonly ContractProblem[] {
  const inputs = schema['properties'] ?? {}
  if (schema['type'] !== 'object' || !isMembers(inputs)) {
    const isTyped = schema['type'] === 'object'
    const problem: ContractProblem = {
      rule: 'input-object',
      path: [...path, isTyped ? 'properties' : 'type'],
      message: isTyped
        ? `the inputs stand in ${kindOf(inputs)}, not in an object`
        : `the input schema describes ${typeInWords(schema['type'])}, not an object`,
      fix: 'write "type": "object" and name the inputs in "properties"',
    }
    return [problem, ...everywhere(schema, path)]
  }
  return [
    ...Object.entries(inputs).flatMap(([name, input]) => [
      ...nameProblems(name, [...path, 'properties', name]),
      ...scalarProblems(name, input, [...path, 'properties', name]),
    ]),
    ...everywhere(schema, path),
  ]
}

/** The rules of {@link checkContract} on an output schema alone. */
export function checkOutputSchema(schema: JsonMembers, path = OUTPUT_PATH): readonly ContractProblem[] {
  const isFit = schema['type'] === 'object' || schema['type'] === 'array'
  const top: ContractProblem = {
    rule: 'output-top-level',
    path: [...path, 'type'],
    message: `the output schema describes ${typeInWords(schema['type'])}, not an object or an array`,
    fix: 'write "type": "object" and name the outputs in "properties"',
  }
  return [
    ...(isFit ? [] : [top]),
    ...schemasIn(schema, path, MAX_DEPTH).filter(isNestedArray).map(nestedArrayProblem),
    ...everywhere(schema, path),
  ]
}

function nameProblems(name: string, path: readonly string[]): readonly ContractProblem[] {
  if (RESERVED_NAMES.includes(name))
    return [
      {
        rule: 'input-reserved',
        path,
        message: `${name} is a name of the platform's own: an input of that name overwrites it, and the action fails`,
        fix: 'give the input another name',
      },
    ]
  if (INPUT_NAME.test(name)) return []
  return [
    {
      rule: 'input-name',
      path,
      message: `${JSON.stringify(name)} is no name for an input`,
      fix: 'begin with a letter, and go on with letters, digits, - and _ only',
    },
  ]
}

function scalarProblems(name: string, input: JsonValue, path: readonly string[]): readonly ContractProblem[] {
  const type = memberOf(input, 'type')
  const problem = (message: string, fix: string, ...steps: string[]): readonly ContractProblem[] => [
    { rule: 'input-scalar', path: [...path, ...steps], message, fix },
  ]
  const one = `one of ${INPUT_TYPES.join(', ')}`
  if (!isMembers(input))
    return problem(`the input ${name} is described by ${kindOf(input)}`, `write {"type": ...} with ${one}`)
  if (type === 'object')
    return problem(
      `the input ${name} is an object: inputs are flat`,
      'make its members inputs of their own, or take one JSON text',
      'type',
    )
  if (type === 'array')
    return problem(
      `the input ${name} is an array: inputs are flat`,
      'take a comma-separated text, or one JSON text',
      'type',
    )
  if (!isScalar(type))
    return problem(`the input ${name} describes ${typeInWords(type)}`, `give "type" ${one}`, 'type')
  const [nested] = ['properties', 'items'].filter((keyword) => Object.hasOwn(input, keyword))
  if (nested === undefined) return []
  return problem(`the input ${name} has "${nested}": inputs are flat`, `take "${nested}" out`, nested)
}

function isNestedArray({ schema, isInArray }: PlacedSchema): boolean {
  const { type } = schema
  return isInArray && (type === 'array' || (Array.isArray(type) && type.includes('array')))
}

function nestedArrayProblem({ path }: PlacedSchema): ContractProblem {
  return {
    rule: 'output-nested-array',
    path: [...path, 'type'],
    message: 'an array stands in an array: outputs have no nested arrays',
    fix: 'map the inner values to an array of their own, or return them as one JSON text',
  }
}

/** What no schema of a contract may have, wherever it stands. */
function everywhere(schema: JsonMembers, path: readonly string[]): readonly ContractProblem[] {
  const placed = schemasIn(schema, path, MAX_DEPTH)
  const references: readonly ContractProblem[] = placed
    .filter((each) => Object.hasOwn(each.schema, '$ref'))
    .map((each) => ({
      rule: 'no-ref',
      path: [...each.path, '$ref'],
      message: 'contracts do not support $ref',
      fix: 'write what it refers to in its place',
    }))
  const tooDeep = placed.find(({ depth, schema: each }) => depth > MAX_DEPTH && !isScalar(each['type']))
  if (!tooDeep) return references
  const depth: ContractProblem = {
    rule: 'depth',
    path: tooDeep.path,
    message: `the schema is more than ${MAX_DEPTH} levels deep`,
    fix: 'flatten it, or return the inner part as one JSON text',
  }
  return [...references, depth]
}

function isScalar(type: JsonValue | undefined): boolean {
  return typeof type === 'string' && INPUT_TYPES.includes(type)
}

function typeInWords(type: JsonValue | undefined): string {
  if (type === undefined) return 'a value of no type'
  if (Array.isArray(type)) return 'a value of several types'
  return typeof type === 'string'
    ? `a value of type ${JSON.stringify(type)}`
    : `a value whose type is ${kindOf(type)}`
}
