import type { ActionContract, OutputType } from '../../actions/contract/action-contract.ts'
import { inputFields } from '../../actions/contract/input-fields.ts'
import type { InputField } from '../../actions/contract/input-fields.ts'
import type { JsonMembers } from '../definition/data-action.ts'

const DRAFT_04 = 'http://json-schema.org/draft-04/schema#'

/**
 * The input contract: names, types and words, and no narrower rule. The platform refuses an input that breaks its
 * contract before it calls anybody, and a flow cannot see why; the receiver's refusal says what is wrong.
 */
export function inputSchema(title: string, { input }: ActionContract): JsonMembers {
  const fields = inputFields(input)
  return {
    $schema: DRAFT_04,
    title,
    type: 'object',
    required: fields.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, { type: field.type, description: wordsOf(field) }]),
    ),
    additionalProperties: true,
  }
}

/** The output contract: flat, every member always present. */
export function successSchema(title: string, { output }: ActionContract): JsonMembers {
  return {
    $schema: DRAFT_04,
    title,
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(output).map(([name, [type, description]]) => [
        name,
        { ...typeSchema(type), description },
      ]),
    ),
    additionalProperties: true,
  }
}

export function typeSchema(type: OutputType): JsonMembers {
  return type === 'texts' ? { type: 'array', items: { type: 'string' } } : { type }
}

/** What an input is, with the values that it takes. */
export function wordsOf({ description, enum: values }: Pick<InputField, 'description' | 'enum'>): string {
  return values === undefined ? description : `${description} (one of ${values.join(', ')})`
}
