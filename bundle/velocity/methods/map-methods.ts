import type { Budget } from '../budget.ts'
import { areEqual, type Mapping, textOf, type Value } from '../value.ts'

type MapMethod = (map: Mapping, args: readonly Value[], budget: Budget) => Value | undefined

const METHODS: ReadonlyMap<string, MapMethod> = new Map<string, MapMethod>([
  ['size', (map) => map.size],
  ['isEmpty', (map) => map.size === 0],
  ['keySet', (map) => [...map.keys()]],
  ['values', (map) => [...map.values()]],
  [
    'entrySet',
    (map) =>
      [...map].map(
        ([key, value]) =>
          new Map<string, Value>([
            ['key', key],
            ['value', value],
          ]),
      ),
  ],
  ['toString', (map, _args, budget) => textOf(map, budget)],
  ['get', (map, [key]) => (typeof key === 'string' ? (map.get(key) ?? null) : null)],
  ['containsKey', (map, [key]) => typeof key === 'string' && map.has(key)],
  [
    'containsValue',
    (map, [wanted = null], budget) => [...map.values()].some((value) => areEqual(value, wanted, budget)),
  ],
  [
    'getOrDefault',
    (map, [key, other = null]) => (typeof key === 'string' && map.has(key) ? (map.get(key) ?? null) : other),
  ],
  ['put', (map, [key, value = null]) => put(map, key, value)],
  ['remove', (map, [key]) => remove(map, key)],
])

const ARGUMENTS: Readonly<Record<number, readonly string[]>> = {
  0: ['size', 'isEmpty', 'keySet', 'values', 'entrySet', 'toString'],
  1: ['get', 'containsKey', 'containsValue', 'remove'],
  2: ['getOrDefault', 'put'],
}

/** Calls a method of Java's maps; undefined: there is none of that name for these arguments. */
export function mapMethod(
  map: Mapping,
  name: string,
  args: readonly Value[],
  budget: Budget,
): Value | undefined {
  return ARGUMENTS[args.length]?.includes(name) ? METHODS.get(name)?.(map, args, budget) : undefined
}

/** Gives the value that was there, as Java does. */
function put(map: Mapping, key: Value | undefined, value: Value): Value | undefined {
  if (typeof key !== 'string') return undefined
  const before = map.get(key) ?? null
  map.set(key, value)
  return before
}

function remove(map: Mapping, key: Value | undefined): Value | undefined {
  if (typeof key !== 'string') return undefined
  const before = map.get(key) ?? null
  map.delete(key)
  return before
}
