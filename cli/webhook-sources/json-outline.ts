/** What JSON.parse does not tell of a text. */
export interface JsonOutline {
  /** Where a text that is no JSON goes wrong, in UTF-16 units; undefined for one that is JSON. */
  readonly faultAt: number | undefined
  /** The members that stand more than once in their object, by their place: `sources.hub.header`. */
  readonly twice: readonly string[]
}

interface Token {
  readonly text: string
  readonly at: number
}

/** RFC 8259: white space, and then one token. */
const TOKEN =
  // eslint-disable-next-line no-control-regex -- a string must not hold them
  /([ \t\n\r]*)([{}[\],:]|"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y
const NOT_SPACE = /[^ \t\n\r]|$/g

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

/** The tokens up to the first thing that is none, and where that stands: at the end of a whole text. */
function tokensOf(text: string): { readonly tokens: readonly Token[]; readonly end: number } {
  const tokens: Token[] = []
  const pattern = new RegExp(TOKEN)
  let end = 0
  for (let match; (match = pattern.exec(text)); end = pattern.lastIndex) {
    const [, space = '', token = ''] = match
    tokens.push({ text: token, at: match.index + space.length })
  }
  const rest = new RegExp(NOT_SPACE)
  rest.lastIndex = end
  return { tokens, end: rest.exec(text)?.index ?? text.length }
}
