import { BundleError } from '../../bundle-error.ts'
import { type Budget, spendCharacters } from '../budget.ts'
import { replaced, replacedAll, splitBy, wholeMatches } from '../regexp/replace.ts'
import { textOf, type Value } from '../value.ts'

type TextMethod = (text: string, args: readonly Value[], budget: Budget) => Value | undefined

/** Those of no argument. */
const PLAIN: ReadonlyMap<string, (text: string) => Value> = new Map<string, (text: string) => Value>([
  ['length', (text) => text.length],
  ['isEmpty', (text) => text === ''],
  ['isBlank', (text) => text.trim() === ''],
  ['toLowerCase', (text) => text.toLowerCase()],
  ['toUpperCase', (text) => text.toUpperCase()],
  ['trim', trimmed],
  ['strip', (text) => text.trim()],
  ['toString', (text) => text],
])

/** Those of one text. */
const OF_TEXT: ReadonlyMap<string, (text: string, other: string, budget: Budget) => Value> = new Map<
  string,
  (text: string, other: string, budget: Budget) => Value
>([
  ['contains', (text, other) => text.includes(other)],
  ['startsWith', (text, other) => text.startsWith(other)],
  ['endsWith', (text, other) => text.endsWith(other)],
  ['indexOf', (text, other) => text.indexOf(other)],
  ['lastIndexOf', (text, other) => text.lastIndexOf(other)],
  ['concat', (text, other) => text + other],
  ['equals', (text, other) => text === other],
  ['equalsIgnoreCase', (text, other) => text.toLowerCase() === other.toLowerCase()],
  ['compareTo', (text, other) => (text < other ? -1 : text > other ? 1 : 0)],
  ['matches', wholeMatches],
  ['split', (text, pattern, budget) => splitBy(text, pattern, 0, budget)],
])

const OF_TWO_TEXTS: ReadonlyMap<string, (text: string, a: string, b: string, budget: Budget) => Value> =
  new Map([
    ['replace', replaced],
    ['replaceAll', (text, pattern, by, budget) => replacedAll(text, pattern, by, budget, Infinity)],
    ['replaceFirst', (text, pattern, by, budget) => replacedAll(text, pattern, by, budget, 1)],
  ])

const OF_OTHERS: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  ['substring', (text, args) => substring(text, args)],
  ['charAt', (text, [index]) => (isWhole(index) ? substring(text, [index, index + 1]) : undefined)],
  ['repeat', (text, [count], budget) => (isWhole(count) ? repeated(text, count, budget) : undefined)],
  [
    'indexOf',
    (text, [other, from]) => (isText(other) && isWhole(from) ? text.indexOf(other, from) : undefined),
  ],
  [
    'split',
    (text, [pattern, limit], budget) =>
      isText(pattern) && isWhole(limit) ? splitBy(text, pattern, limit, budget) : undefined,
  ],
  [
    'join',
    (_text, [by, list], budget) => (isText(by) && Array.isArray(list) ? joined(by, list, budget) : undefined),
  ],
  ['valueOf', (_text, [value = null], budget) => textOf(value, budget)],
])

/**
 * Calls a method of Java's strings; undefined: there is none of that name for these arguments. Throws a BundleError where
 * Java throws: an index beyond the text, no value where a text is needed, a regular expression that is none.
 */
export function textMethod(
  text: string,
  name: string,
  args: readonly Value[],
  budget: Budget,
): Value | undefined {
  const [first = null, second = null] = args
  if (args.length === 0) return PLAIN.get(name)?.(text)
  const ofText = args.length === 1 ? OF_TEXT.get(name) : undefined
  const ofTwo = args.length === 2 ? OF_TWO_TEXTS.get(name) : undefined
  if (ofText || ofTwo) {
    // Java's equals() of null is false; every other method throws.
    if (first === null && name.startsWith('equals')) return false
    refuseNull(name, args)
  }
  if (ofText && isText(first)) return ofText(text, first, budget)
  if (ofTwo && isText(first) && isText(second)) return ofTwo(text, first, second, budget)
  return OF_OTHERS.get(name)?.(text, args, budget)
}

function refuseNull(name: string, args: readonly Value[]): void {
  const missing = args.indexOf(null)
  if (missing === -1) return
  throw new BundleError(
    'template-invalid',
    `argument ${missing + 1} of ${name}(...) has no value: test it with #if first`,
  )
}

function isText(value: Value | undefined): value is string {
  return typeof value === 'string'
}

function isWhole(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value)
}

/** Java's trim() takes off everything up to the space, control characters too. */
function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 32) start += 1
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1
  return text.slice(start, end)
}

function substring(text: string, [from, to]: readonly Value[]): Value | undefined {
  if (!isWhole(from) || !(isWhole(to) || to === undefined)) return undefined
  const end = to ?? text.length
  if (from < 0 || end > text.length || from > end)
    throw new BundleError(
      'template-invalid',
      `there are no characters ${from} to ${end} in a text of ${text.length}: test its length() first`,
    )
  return text.slice(from, end)
}

function repeated(text: string, count: number, budget: Budget): string {
  if (count < 0) throw new BundleError('template-invalid', 'a text cannot be repeated less than 0 times')
  spendCharacters(budget, text.length * count)
  return text.repeat(count)
}

function joined(by: string, list: readonly Value[], budget: Budget): string {
  spendCharacters(budget, by.length * list.length)
  return list.map((item) => textOf(item, budget)).join(by)
}
