import type { Value } from '../value.ts'

/** Calls a method of Java's numbers; undefined: there is none of that name for these arguments. */
export function numberMethod(value: number, name: string, args: readonly Value[]): Value | undefined {
  const [other] = args
  if (args.length === 1) {
    if (name === 'equals') return other === value
    if (name === 'compareTo' && typeof other === 'number') return Math.sign(value - other)
    return undefined
  }
  if (args.length > 0) return undefined
  if (name === 'toString') return String(value)
  if (name === 'intValue' || name === 'longValue') return Math.trunc(value)
  return name === 'doubleValue' || name === 'floatValue' ? value : undefined
}

/** Calls a method of Java's booleans; undefined: there is none of that name for these arguments. */
export function truthMethod(value: boolean, name: string, args: readonly Value[]): Value | undefined {
  if (name === 'toString' && args.length === 0) return String(value)
  if (name === 'booleanValue' && args.length === 0) return value
  return name === 'equals' && args.length === 1 ? args[0] === value : undefined
}
