import { getMetadataStorage } from 'class-validator'
import { notesOf } from './told.ts'
import type { FieldNote, InputType } from './told.ts'

/** One input of a data action, with everything that its DTO demands. */
export interface InputField {
  readonly name: string
  readonly type: InputType
  readonly required: boolean
  readonly description: string
  readonly example?: string | number | boolean
  readonly enum?: readonly (string | number)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  /** An ECMAScript regular expression. */
  readonly pattern?: string
}

interface Rule {
  readonly name: string
  readonly constraints: readonly unknown[]
}

/**
 * The inputs that a DTO takes, read from the rules of class-validator and from what {@link Told} says.
 *
 * @throws TypeError for a property that has rules and no words, or the other way round: a mistake of ours
 */
export function inputFields(dto: new () => object): readonly InputField[] {
  const rules = rulesOf(dto)
  const notes = notesOf(dto)
  const untold = [...rules.keys()].filter((name) => !notes.has(name))
  if (untold.length > 0) throw new TypeError(`${dto.name} says nothing of ${untold.join(', ')}`)
  return [...notes].map(([name, note]) => fieldOf(`${dto.name}.${name}`, name, note, rules.get(name) ?? []))
}

function rulesOf(dto: new () => object): ReadonlyMap<string, readonly Rule[]> {
  const found = new Map<string, Rule[]>()
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)) {
    const { propertyName, name = '', constraints } = rule
    const known = found.get(propertyName) ?? []
    found.set(propertyName, [...known, { name, constraints: (constraints as unknown[] | undefined) ?? [] }])
  }
  return found
}

function fieldOf(told: string, name: string, note: FieldNote, rules: readonly Rule[]): InputField {
  const type = note.type ?? typeOf(rules)
  if (type === undefined) throw new TypeError(`no rule of ${told} says what type it has`)
  const required = note.required ?? !rules.some((rule) => rule.name === 'isOptional')
  const { description, example } = note
  return {
    name,
    type,
    required,
    description,
    ...(example !== undefined && { example }),
    ...rules.reduce<Partial<InputField>>((limits, rule) => ({ ...limits, ...limitsOf(rule) }), {}),
  }
}

const TYPES: Readonly<Record<string, InputType>> = {
  isInt: 'integer',
  isNumber: 'number',
  isBoolean: 'boolean',
  isString: 'string',
  isLength: 'string',
  isUuid: 'string',
  matches: 'string',
  isDateString: 'string',
  isIn: 'string',
}

function typeOf(rules: readonly Rule[]): InputType | undefined {
  return rules.map(({ name }) => TYPES[name]).find((type) => type !== undefined)
}

function limitsOf({ name, constraints: [first, second] }: Rule): Partial<InputField> {
  if (name === 'isIn' && Array.isArray(first)) return { enum: first as readonly string[] }
  if (name === 'matches' && first instanceof RegExp) return { pattern: first.source }
  const [lower, upper] = [first, second].map((limit) => (typeof limit === 'number' ? limit : undefined))
  switch (name) {
    case 'min':
      return lower === undefined ? {} : { minimum: lower }
    case 'max':
      return lower === undefined ? {} : { maximum: lower }
    case 'maxLength':
      return lower === undefined ? {} : { maxLength: lower }
    case 'isLength':
      return {
        ...(lower !== undefined && { minLength: lower }),
        ...(upper !== undefined && { maxLength: upper }),
      }
    default:
      return {}
  }
}
