import { BundleError } from '../../bundle-error.ts'
import type { Budget } from '../budget.ts'
import { areEqual, type List, textOf, type Value } from '../value.ts'

type ListMethod = (list: List, args: readonly Value[], budget: Budget) => Value | undefined

const METHODS: ReadonlyMap<string, ListMethod> = new Map<string, ListMethod>([
  ['size', (list, args) => (args.length === 0 ? list.length : undefined)],
  ['isEmpty', (list, args) => (args.length === 0 ? list.length === 0 : undefined)],
  ['get', (list, [index]) => (isIndex(index) ? elementAt(list, index) : undefined)],
  ['contains', (list, args, budget) => (args.length === 1 ? find(list, args, budget) !== -1 : undefined)],
  ['indexOf', (list, args, budget) => (args.length === 1 ? find(list, args, budget) : undefined)],
  ['subList', (list, [from, to]) => (isIndex(from) && isIndex(to) ? partOf(list, from, to) : undefined)],
  ['add', (list, args) => add(list, args)],
  ['toString', (list, args, budget) => (args.length === 0 ? textOf(list, budget) : undefined)],
])

/** Calls a method of Java's lists; undefined: there is none of that name for these arguments. Throws a BundleError beyond the list. */
export function listMethod(
  list: List,
  name: string,
  args: readonly Value[],
  budget: Budget,
): Value | undefined {
  return METHODS.get(name)?.(list, args, budget)
}

function isIndex(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value)
}

function elementAt(list: List, index: number): Value {
  const element = list[index]
  if (element === undefined)
    throw new BundleError('template-invalid', `there is no element ${index} in a list of ${list.length}`)
  return element
}

function partOf(list: List, from: number, to: number): Value {
  if (from < 0 || to > list.length || from > to)
    throw new BundleError(
      'template-invalid',
      `there are no elements ${from} to ${to} in a list of ${list.length}`,
    )
  return list.slice(from, to)
}

function find(list: List, [wanted = null]: readonly Value[], budget: Budget): number {
  return list.findIndex((item) => typeof item === typeof wanted && areEqual(item, wanted, budget))
}

function add(list: List, args: readonly Value[]): Value | undefined {
  const [item] = args
  if (args.length !== 1 || item === undefined) return undefined
  list.push(item)
  return true
}
