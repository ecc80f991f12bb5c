/** Stands in a text for one JSON value that is not known yet. */
export const VALUE_HOLE = '\ue000'
/** Stands for anything that leaves brackets in balance: a value, several members, or nothing. */
export const ANY_HOLE = '\ue001'

/** Where a text with holes can be no JSON, whatever comes into them. */
export interface JsonFault {
  /** In UTF-16 units; the length of a text that ends too early. */
  readonly at: number
  /** The text is JSON up to there, and something follows. */
  readonly isTrailing: boolean
}

type State = 'value' | 'value-or-close' | 'name' | 'name-or-close' | 'colon' | 'after'
type Open = '{' | '[' | undefined

/** RFC 8259, and holes; what is joined to one is one with it: `${input.whole}.5`. */
const TOKEN =
  // eslint-disable-next-line no-control-regex -- a string must not hold them
  /([{}[\],:])|("(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")|([\w.+-]*[\ue000\ue001][\w.+\-\ue000\ue001]*)|((?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.]))/y
const SPACE = /[ \t\n\r]*/y

type Kind = 'mark' | 'text' | 'scalar' | 'value-hole' | 'any-hole'

interface Token {
  readonly kind: Kind
  readonly text: string
}

/** Looks for the first place from which on a text can be no JSON. Undefined: it may be JSON. */
export function jsonFault(text: string): JsonFault | undefined {
  const open: Open[] = []
  let states: readonly State[] = ['value']
  for (let end = 0; ;) {
    const at = skipSpace(text, end)
    const isWhole = open.length === 0 && states.includes('after')
    const token = tokenAt(text, at)
    if (!token) return at === text.length && isWhole ? undefined : { at, isTrailing: isWhole }
    states = statesAfter(states, token, open)
    if (states.length === 0) return { at, isTrailing: isWhole }
    end = at + token.text.length
  }
}

function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from
  return from + (SPACE.exec(text)?.[0].length ?? 0)
}

function tokenAt(text: string, at: number): Token | undefined {
  TOKEN.lastIndex = at
  const match = TOKEN.exec(text)
  if (!match) return undefined
  const [whole, mark, string, hole] = match
  if (mark !== undefined) return { kind: 'mark', text: whole }
  if (string !== undefined) return { kind: 'text', text: whole }
  if (hole === undefined) return { kind: 'scalar', text: whole }
  return { kind: hole === VALUE_HOLE ? 'value-hole' : 'any-hole', text: whole }
}

/** All states that a token may lead to; none when it cannot stand here. `open` follows the brackets. */
function statesAfter(states: readonly State[], { kind, text }: Token, open: Open[]): readonly State[] {
  const inside = open.at(-1)
  if (kind === 'any-hole') return anyState(inside)
  if (kind !== 'mark') return unique(states.flatMap((state) => afterValue(state, kind)))
  if (text === '{' || text === '[') {
    if (!states.some(takesValue)) return []
    open.push(text)
    return [text === '{' ? 'name-or-close' : 'value-or-close']
  }
  if (text === ':') return states.includes('colon') ? ['value'] : []
  if (text === ',') return states.includes('after') ? nextItem(inside) : []
  if (inside !== (text === '}' ? '{' : '[')) return []
  const mayClose =
    states.includes('after') || states.includes(text === '}' ? 'name-or-close' : 'value-or-close')
  if (mayClose) open.pop()
  return mayClose ? ['after'] : []
}

function anyState(inside: Open): readonly State[] {
  if (inside === '{') return ['name-or-close', 'colon', 'value', 'after']
  return inside === '[' ? ['value-or-close', 'after'] : ['value', 'after']
}

/** A text names a member where a name is expected; so may a variable that renders to one. */
function afterValue(state: State, kind: Kind): readonly State[] {
  if (takesValue(state)) return ['after']
  const isName = state === 'name' || state === 'name-or-close'
  return isName && kind !== 'scalar' ? ['colon'] : []
}

function takesValue(state: State): boolean {
  return state === 'value' || state === 'value-or-close'
}

function nextItem(inside: Open): readonly State[] {
  if (inside === undefined) return []
  return inside === '{' ? ['name'] : ['value']
}

function unique(states: readonly State[]): readonly State[] {
  return [...new Set(states)]
}
