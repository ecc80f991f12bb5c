import { tokensOf } from '../json-tokens.ts'

/** What JSON.parse does not tell of a text. */
export interface JsonOutline {
  /** Where a text that is no JSON goes wrong, in UTF-16 units; undefined for one that is JSON. */
  readonly faultAt: number | undefined
  /** The members that stand more than once in their object, by their place: `sources.hub.header`. */
  readonly twice: readonly string[]
}

/**
 * Reads a JSON text for what gets lost when it is parsed: of two members with one name the last wins in silence, and
 * a syntax error is told without its place. For files of people: it recurses as deep as they nest.
 */
export function jsonOutline(text: string): JsonOutline {
  const { tokens, end } = tokensOf(text)
  const twice: string[] = []
  let i = 0
  const next = (): string => tokens[i++]?.text ?? ''

  const value = (path: string): boolean => {
    const token = next()
    if (token === '{') return members(path, new Set())
    if (token === '[') return items(path)
    return /^["\w-]/.test(token)
  }
  const members = (path: string, names: Set<string>): boolean => {
    if (tokens[i]?.text === '}') return next() === '}'
    for (;;) {
      const token = next()
      if (!token.startsWith('"')) return false
      // Two ways of writing one name are one name.
      const name = String(JSON.parse(token))
      const member = path === '' ? name : `${path}.${name}`
      if (names.has(name)) twice.push(member)
      names.add(name)
      if (next() !== ':' || !value(member)) return false
      const mark = next()
      if (mark !== ',') return mark === '}'
    }
  }
  const items = (path: string): boolean => {
    if (tokens[i]?.text === ']') return next() === ']'
    for (let nth = 0; ; nth++) {
      if (!value(`${path}.${nth}`)) return false
      const mark = next()
      if (mark !== ',') return mark === ']'
    }
  }

  const isValue = value('')
  if (isValue && i === tokens.length && end === text.length) return { faultAt: undefined, twice }
  return { faultAt: tokens[isValue ? i : i - 1]?.at ?? end, twice }
}
