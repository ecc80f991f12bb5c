import type { JsonMembers, JsonValue } from './data-action.ts'
import { isMembers, kindOf, memberOf } from './json-value.ts'

/** What is wrong with a member, and where: `config.request.requestType`, or nothing for the value itself. */
export interface DefinitionProblem {
  readonly path: string
  /** What is expected there. */
  readonly message: string
}

/**
 * Reads members of a JSON object by their paths. A member that is null counts for one that is left out. What is wrong is
 * kept, and something of the right type is given all the same, so that one reading tells every problem.
 */
export interface MemberReader {
  /** A text. Without an `otherwise`, it has to be there. */
  readonly text: (path: string, otherwise?: string) => string
  readonly optionalText: (path: string) => string | undefined
  readonly optionalNumber: (path: string) => number | undefined
  readonly oneOf: <T extends string>(path: string, choices: readonly T[], otherwise?: T) => T
  readonly flag: (path: string, otherwise: boolean) => boolean
  /** An object of texts; left out, it is empty. */
  readonly texts: (path: string) => Readonly<Record<string, string>>
  /** An object that has to be there. */
  readonly members: (path: string) => JsonMembers
  /** In the order of reading. */
  readonly problems: readonly DefinitionProblem[]
  /** The paths of what was left out and has an `otherwise`. */
  readonly filledIn: readonly string[]
}

/** A reader of one object. Its lists grow while it reads. */
export function memberReader(root: JsonMembers): MemberReader {
  const problems: DefinitionProblem[] = []
  const filledIn: string[] = []

  /** Of what stands in something that is wrong already, nothing more is told. */
  const refuse = (path: string, message: string): void => {
    if (!problems.some((known) => isWithin(path, known.path))) problems.push({ path, message })
  }
  /** Undefined for what is left out. What is on the way there and no object is a problem, told once. */
  const find = (path: string): JsonValue | undefined => {
    let value: JsonValue = root
    const names = path.split('.')
    for (const [i, name] of names.entries()) {
      if (!isMembers(value)) {
        refuse(names.slice(0, i).join('.'), `an object is expected, not ${kindOf(value)}`)
        return undefined
      }
      value = memberOf(value, name) ?? null
      if (value === null) return undefined
    }
    return value
  }
  const read = <T extends JsonValue>(
    path: string,
    otherwise: T | undefined,
    { is, expected, blank }: Kind<T>,
  ): T => {
    const value = find(path)
    if (value !== undefined && is(value)) return value
    if (value !== undefined) refuse(path, `${expected} is expected, not ${kindOf(value)}`)
    else if (otherwise !== undefined) filledIn.push(path)
    else refuse(path, `${expected} is missing`)
    return otherwise ?? blank
  }

  return {
    problems,
    filledIn,
    text: (path, otherwise) => read(path, otherwise, TEXT),
    optionalText: (path) => (find(path) === undefined ? undefined : read(path, undefined, TEXT)),
    optionalNumber: (path) => (find(path) === undefined ? undefined : read(path, undefined, NUMBER)),
    flag: (path, otherwise) => read(path, otherwise, FLAG),
    members: (path) => read(path, undefined, OBJECT),
    oneOf: (path, choices, otherwise) => {
      const value = read(path, otherwise, TEXT)
      const choice = choices.find((known) => known === value)
      if (choice === undefined) refuse(path, `one of ${choices.join(', ')} is expected`)
      return choice ?? otherwise ?? (choices[0] as (typeof choices)[number])
    },
    texts: (path) => {
      const entries = Object.entries(read(path, {}, OBJECT))
      for (const [name, value] of entries.filter(([, value]) => typeof value !== 'string'))
        refuse(`${path}.${name}`, `a text is expected, not ${kindOf(value)}: write it in quotes`)
      return Object.fromEntries(
        entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    },
  }
}

/** A type of value, its words, and what stands for it when it is wrong. */
interface Kind<T> {
  readonly is: (value: JsonValue) => value is JsonValue & T
  readonly expected: string
  readonly blank: T
}

const TEXT: Kind<string> = { is: (value) => typeof value === 'string', expected: 'a text', blank: '' }
const NUMBER: Kind<number> = { is: (value) => typeof value === 'number', expected: 'a number', blank: 0 }
const FLAG: Kind<boolean> = {
  is: (value) => typeof value === 'boolean',
  expected: 'true or false',
  blank: false,
}
const OBJECT: Kind<JsonMembers> = { is: isMembers, expected: 'an object', blank: {} }

/** Whether a path is another one or leads through it. */
function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`)
}
