/** One token of a JSON text, and where it begins, in UTF-16 units. */
export interface Token {
  readonly text: string
  readonly at: number
}

/** RFC 8259: white space, and then one token. */
const TOKEN =
  // eslint-disable-next-line no-control-regex -- a string must not hold them
  /([ \t\n\r]*)([{}[\],:]|"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y
const NOT_SPACE = /[^ \t\n\r]|$/g

/** The tokens up to the first thing that is none, and where that stands: at the end of a whole text. */
export function tokensOf(text: string): { readonly tokens: readonly Token[]; readonly end: number } {
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
