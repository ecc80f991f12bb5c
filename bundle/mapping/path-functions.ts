import type { JsonValue } from '../definition/data-action.ts'
import { isMembers } from '../definition/json-value.ts'
import { isList } from './compare-values.ts'
import type { PathFunction } from './path-step.ts'

/**
 * What a function at the end of a path makes of a value and its arguments; undefined when there is no result, as of the
 * greatest of no numbers. `length` of a text is null: that is how Jayway has it.
 */
export function applyFunction(
  name: PathFunction,
  value: JsonValue,
  args: readonly JsonValue[],
): JsonValue | undefined {
  switch (name) {
    case 'length':
    case 'size':
      return lengthOf(isList(args[0]) ? args[0] : value)
    case 'keys':
      return isMembers(value) ? Object.keys(value) : null
    case 'first':
      return isList(value) ? value[0] : undefined
    case 'last':
      return isList(value) ? value.at(-1) : undefined
    case 'concat':
      return `${listOf(value)
        .filter((item) => typeof item === 'string')
        .join('')}${args.flatMap(itemsOf).map(textOf).join('')}`
    case 'min':
    case 'max':
    case 'avg':
    case 'sum':
      return aggregate(name, [...listOf(value), ...args.flatMap(itemsOf)])
  }
}

function lengthOf(value: JsonValue): number | null {
  if (isList(value)) return value.length
  return isMembers(value) ? Object.keys(value).length : null
}

/** The items of a list, which alone count of what stands before the function. */
function listOf(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value : []
}

/** An argument counts whole where it is no list. */
function itemsOf(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value : [value]
}

function textOf(value: JsonValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function aggregate(name: 'min' | 'max' | 'avg' | 'sum', values: readonly JsonValue[]): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number')
  const [first, ...rest] = numbers
  if (first === undefined) return undefined
  if (name === 'min') return rest.reduce((least, each) => Math.min(least, each), first)
  if (name === 'max') return rest.reduce((most, each) => Math.max(most, each), first)
  const sum = rest.reduce((total, each) => total + each, first)
  return name === 'sum' ? sum : sum / numbers.length
}
