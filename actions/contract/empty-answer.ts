import type { OutputField, OutputFields, OutputType } from './action-contract.ts'

const EMPTY: Readonly<Record<OutputType, string | number | boolean | readonly string[]>> = {
  string: '',
  integer: 0,
  number: 0,
  boolean: false,
  texts: [],
}

/** What an output is where there is nothing to say. */
export function emptyValue([type, , absent]: OutputField): string | number | boolean | readonly string[] {
  return absent ?? EMPTY[type]
}

/** An answer that says nothing yet: every output is there. */
export function emptyAnswer<Answer extends object>(output: OutputFields<Answer>): Answer {
  const fields: readonly (readonly [string, OutputField])[] = Object.entries(output)
  return Object.fromEntries(fields.map(([name, field]) => [name, emptyValue(field)])) as Answer
}
