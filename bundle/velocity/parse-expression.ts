import { accept, type Cursor, deeper, peek, refuse, skipSpace, standsAt } from './cursor.ts'
import { parseText } from './parse-text.ts'
import type { BinaryOperator, Expression } from './syntax-tree.ts'

/** Weakest first; each level is left-associative. */
const LEVELS: readonly (readonly [pattern: RegExp, names: Readonly<Record<string, BinaryOperator>>])[] = [
  [/\|\||or\b/y, { '||': 'or', or: 'or' }],
  [/&&|and\b/y, { '&&': 'and', and: 'and' }],
  [/==|!=|eq\b|ne\b/y, { '==': '==', '!=': '!=', eq: '==', ne: '!=' }],
  [
    /<=|>=|<|>|le\b|ge\b|lt\b|gt\b/y,
    { '<=': '<=', '>=': '>=', '<': '<', '>': '>', le: '<=', ge: '>=', lt: '<', gt: '>' },
  ],
  [/[+-]/y, { '+': '+', '-': '-' }],
  [/[*/%]/y, { '*': '*', '/': '/', '%': '%' }],
]

const FLOAT = /-?(?:\d+\.(?!\.)\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)/y
const INTEGER = /-?\d+/y
const NOT = /!(?!=)|not\b/y
const TRUTH = /(?:true|false)\b/y

/** Reads an expression, with the white space around it. Throws a `template-invalid` BundleError. */
export function parseExpression(cursor: Cursor): Expression {
  return deeper(cursor, (inner) => parseLevel(inner, 0))
}

function parseLevel(cursor: Cursor, level: number): Expression {
  const operators = LEVELS[level]
  if (!operators) return parseUnary(cursor)
  const [pattern, names] = operators
  let left = parseLevel(cursor, level + 1)
  for (let found = peek(cursor, pattern); found; found = peek(cursor, pattern)) {
    const operator = names[found[0]]
    if (operator === undefined) break
    if (operator === '-' && peek(cursor, INTEGER))
      refuse(cursor, cursor.at, 'Velocity takes this "-" for a part of the number: put a space after it')
    cursor.at += found[0].length
    left = { kind: 'binary', operator, left, right: parseLevel(cursor, level + 1) }
  }
  return left
}

function parseUnary(cursor: Cursor): Expression {
  skipSpace(cursor)
  const not = peek(cursor, NOT)
  if (not) {
    cursor.at += not[0].length
    return { kind: 'unary', operator: 'not', operand: deeper(cursor, parseUnary) }
  }
  if (standsAt(cursor, '-') && !peek(cursor, INTEGER) && !peek(cursor, FLOAT)) {
    cursor.at += 1
    return { kind: 'unary', operator: 'negate', operand: parsePrimary(cursor) }
  }
  return parsePrimary(cursor)
}

function parsePrimary(cursor: Cursor): Expression {
  skipSpace(cursor)
  const found =
    parseReferenceHere(cursor) ??
    parseNumber(cursor) ??
    parseTruth(cursor) ??
    parseText(cursor) ??
    parseGroup(cursor) ??
    parseListOrRange(cursor) ??
    parseMap(cursor)
  if (!found) refuse(cursor, cursor.at, `a value is expected here, not ${described(cursor)}`)
  skipSpace(cursor)
  return found
}

function described(cursor: Cursor): string {
  if (cursor.at >= cursor.end) return 'the end of the template'
  const word = peek(cursor, /[a-zA-Z_][\w.-]*/y)?.[0]
  return word === undefined
    ? `"${String.fromCodePoint(cursor.text.codePointAt(cursor.at) ?? 0)}"`
    : `"${word}" (a text stands in quotes, a reference begins with "$")`
}

function parseReferenceHere(cursor: Cursor): Expression | undefined {
  return standsAt(cursor, '$') ? cursor.grammar.reference(cursor, 0) : undefined
}

function parseNumber(cursor: Cursor): Expression | undefined {
  const found = peek(cursor, FLOAT) ?? peek(cursor, INTEGER)
  if (!found) return undefined
  cursor.at += found[0].length
  return { kind: 'literal', value: Number(found[0]) }
}

function parseTruth(cursor: Cursor): Expression | undefined {
  const found = peek(cursor, TRUTH)
  if (!found) return undefined
  cursor.at += found[0].length
  return { kind: 'literal', value: found[0] === 'true' }
}

function parseGroup(cursor: Cursor): Expression | undefined {
  if (!accept(cursor, '(')) return undefined
  const inner = parseExpression(cursor)
  if (!accept(cursor, ')')) refuse(cursor, cursor.at, '")" is missing')
  return inner
}

function parseListOrRange(cursor: Cursor): Expression | undefined {
  const start = cursor.at
  if (!accept(cursor, '[')) return undefined
  skipSpace(cursor)
  if (accept(cursor, ']')) return { kind: 'list', items: [] }
  const first = parseExpression(cursor)
  if (accept(cursor, '..')) {
    const to = parseExpression(cursor)
    closeList(cursor)
    return { kind: 'range', from: first, to, place: cursor.placeOf(start) }
  }
  const items = [first]
  while (accept(cursor, ',')) items.push(parseExpression(cursor))
  closeList(cursor)
  return { kind: 'list', items }
}

function closeList(cursor: Cursor): void {
  if (!accept(cursor, ']')) refuse(cursor, cursor.at, '"]" is missing after the list')
}

function parseMap(cursor: Cursor): Expression | undefined {
  if (!accept(cursor, '{')) return undefined
  const entries: (readonly [Expression, Expression])[] = []
  skipSpace(cursor)
  if (accept(cursor, '}')) return { kind: 'map', entries }
  do {
    const key = parseExpression(cursor)
    if (!accept(cursor, ':')) refuse(cursor, cursor.at, '":" is missing after the key of the map')
    entries.push([key, parseExpression(cursor)])
  } while (accept(cursor, ','))
  if (!accept(cursor, '}')) refuse(cursor, cursor.at, '"}" is missing after the map')
  return { kind: 'map', entries }
}
