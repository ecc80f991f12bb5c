/** What a contract says of an input beyond the rules that its DTO has. */
export interface FieldNote {
  readonly description: string
  /** Where no rule of class-validator tells: the rules of the filter payload do. */
  readonly type?: InputType
  readonly required?: boolean
  /** As an author would give it. */
  readonly example?: string | number | boolean
}

/** The types that a data action's input may have, less `null`. */
export type InputType = 'string' | 'integer' | 'number' | 'boolean'

const notes = new WeakMap<object, Map<string, FieldNote>>()

/**
 * Says what an input is, in words for a flow author. It stands beside the rules of the same property, so that the two
 * cannot drift apart.
 */
export function Told(description: string, more: Omit<FieldNote, 'description'> = {}): PropertyDecorator {
  return (target, property) => {
    if (typeof property !== 'string') throw new TypeError('an input has a name')
    const own = notes.get(target) ?? new Map<string, FieldNote>()
    notes.set(target, own.set(property, { description, ...more }))
  }
}

/** The inputs of a DTO in the order they are written, those of its parents after them. */
export function notesOf(dto: new () => object): ReadonlyMap<string, FieldNote> {
  const found = new Map<string, FieldNote>()
  for (
    let proto = dto.prototype as object | null;
    proto;
    proto = Object.getPrototypeOf(proto) as object | null
  ) {
    for (const [name, note] of notes.get(proto) ?? []) if (!found.has(name)) found.set(name, note)
  }
  return found
}
