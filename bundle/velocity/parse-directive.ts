import { BundleError } from '../bundle-error.ts'
import { accept, type Block, type Cursor, deeper, peek, refuse, skipSpace } from './cursor.ts'
import type { Expression, IfBranch, TemplateNode } from './syntax-tree.ts'

/** `#name` or `#{name}`, as it stands. */
export interface DirectiveWord {
  readonly name: string
  readonly source: string
}

interface ParsedDirective {
  readonly node: TemplateNode
  /** Whether the text after it begins a line. */
  readonly lineStart: boolean
}

const WORD = /#(?:\{([a-zA-Z_][a-zA-Z0-9_]*)\}|([a-zA-Z_][a-zA-Z0-9_]*))/y
const LINE_END = /[ \t]*(?:\r\n|\n|\r)/y
const SET_OPENING = /[ \t]*\(/y
const IN = /in\b/y
const ARGUMENT_WORD = /[a-zA-Z_@][a-zA-Z0-9_]*/y

/** Directives of Velocity that load or define something; a data action has nothing to load, and none is known that uses them. */
const UNSUPPORTED = ['include', 'parse', 'macro', 'evaluate', 'define']
const CARRIED_OUT = ['if', 'elseif', 'else', 'end', 'set', 'foreach', 'break', 'stop']

/** The word after the `#` that the cursor stands at. A longer word than a directive's is another word: `#endif`. */
export function directiveWord(cursor: Cursor): DirectiveWord | undefined {
  const found = peek(cursor, WORD)
  const name = found?.[1] ?? found?.[2]
  return found && name !== undefined ? { name, source: found[0] } : undefined
}

/** Whether a word after `#` is one of Velocity's own; any other word is text. */
export function isKnownDirective(name: string): boolean {
  return CARRIED_OUT.includes(name) || UNSUPPORTED.includes(name)
}

/**
 * Reads a directive that opens a block or stands alone, up to its end and the line end that belongs to it. Undefined: it
 * is text (`#set` without parentheses). Throws a `template-invalid` BundleError.
 */
export function parseDirective(
  cursor: Cursor,
  { name, source }: DirectiveWord,
  lineStart: boolean,
): ParsedDirective | undefined {
  const start = cursor.at
  if (UNSUPPORTED.includes(name))
    refuse(cursor, start, `#${name} is not carried out here: write out what it stands for`)
  cursor.at += source.length
  if (name === 'if') return deeper(cursor, (inner) => parseIf(inner, start, lineStart))
  if (name === 'foreach') return deeper(cursor, (inner) => parseForeach(inner, start, lineStart))
  if (name === 'set') return parseSet(cursor, start, lineStart)
  skipScope(cursor)
  return { node: { kind: name === 'break' ? 'break' : 'stop' }, lineStart: gobbleLineEnd(cursor, lineStart) }
}

function parseIf(cursor: Cursor, start: number, lineStart: boolean): ParsedDirective {
  const branches: IfBranch[] = []
  let condition: Expression | undefined = parseCondition(cursor, 'if')
  let begins = lineStart
  for (;;) {
    const block: Block = cursor.grammar.block(cursor, opened(cursor, begins))
    const { nodes, closer, closerAt } = block
    begins = block.lineStart
    branches.push(condition ? { condition, body: nodes } : { body: nodes })
    if (closer === undefined) refuse(cursor, start, '#if is not closed: its #end is missing')
    if (closer === 'end') break
    if (!condition) refuse(cursor, closerAt, `#${closer} stands after the #else of the same #if`)
    condition = closer === 'elseif' ? parseCondition(cursor, 'elseif') : undefined
  }
  return { node: { kind: 'if', branches }, lineStart: gobbleLineEnd(cursor, lineStart) }
}

function parseCondition(cursor: Cursor, name: string): Expression {
  skipSpace(cursor)
  if (!accept(cursor, '(')) refuse(cursor, cursor.at, `"(" and a condition are missing after #${name}`)
  const condition = cursor.grammar.expression(cursor)
  if (!accept(cursor, ')')) refuse(cursor, cursor.at, `")" is missing after the condition of #${name}`)
  return condition
}

function parseForeach(cursor: Cursor, start: number, lineStart: boolean): ParsedDirective {
  skipSpace(cursor)
  if (!accept(cursor, '(')) refuse(cursor, cursor.at, '"($item in $list)" is missing after #foreach')
  skipSpace(cursor)
  const variable = cursor.grammar.reference(cursor, 0)
  if (!variable || variable.steps.length > 0)
    refuse(cursor, cursor.at, '#foreach names one variable first: ($item in $list)')
  skipSpace(cursor)
  const word = peek(cursor, IN)
  if (!word) refuse(cursor, cursor.at, '"in" is missing after the variable of #foreach')
  cursor.at += word[0].length
  const list = cursor.grammar.expression(cursor)
  if (!accept(cursor, ')')) refuse(cursor, cursor.at, '")" is missing after the list of #foreach')
  const body = cursor.grammar.block(cursor, opened(cursor, lineStart))
  const otherwise =
    body.closer === 'else' ? cursor.grammar.block(cursor, opened(cursor, body.lineStart)) : undefined
  const { closer, closerAt } = otherwise ?? body
  if (closer === undefined) refuse(cursor, start, '#foreach is not closed: its #end is missing')
  if (closer !== 'end') refuse(cursor, closerAt, `#${closer} does not belong to a #foreach`)
  return {
    node: {
      kind: 'foreach',
      variable: variable.root,
      list,
      body: body.nodes,
      otherwise: otherwise?.nodes ?? [],
      place: cursor.placeOf(start),
    },
    lineStart: gobbleLineEnd(cursor, lineStart),
  }
}

function parseSet(cursor: Cursor, start: number, lineStart: boolean): ParsedDirective | undefined {
  const opening = peek(cursor, SET_OPENING)
  if (!opening) {
    cursor.at = start
    return undefined
  }
  cursor.at += opening[0].length
  skipSpace(cursor)
  const target = cursor.grammar.reference(cursor, 0)
  if (!target) refuse(cursor, cursor.at, '#set assigns to a reference: #set($name = value)')
  skipSpace(cursor)
  if (!accept(cursor, '=')) refuse(cursor, cursor.at, '"=" is missing in #set')
  const value = cursor.grammar.expression(cursor)
  if (!accept(cursor, ')')) refuse(cursor, cursor.at, '")" is missing after #set')
  return { node: { kind: 'set', target, value }, lineStart: gobbleLineEnd(cursor, lineStart) }
}

/**
 * Steps over a word after `#` that is no directive, and gives it as text. Velocity reads a "(" after it as the arguments of
 * a macro, even of one that is not there, and prints them as they stand. Throws a `template-invalid` BundleError where they
 * are none.
 */
export function unknownCall(cursor: Cursor, { source }: DirectiveWord): string {
  const start = cursor.at
  cursor.at += source.length
  const afterWord = cursor.at
  skipSpace(cursor)
  if (!accept(cursor, '(')) {
    cursor.at = afterWord
    return source
  }
  skipSpace(cursor)
  while (!accept(cursor, ')')) {
    const argument = peek(cursor, ARGUMENT_WORD)
    if (argument) cursor.at += argument[0].length
    else readArgument(cursor, start, source)
    skipSpace(cursor)
    if (accept(cursor, ',')) skipSpace(cursor)
  }
  return cursor.text.slice(start, cursor.at)
}

function readArgument(cursor: Cursor, start: number, source: string): void {
  try {
    cursor.grammar.expression(cursor)
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    const place = cursor.placeOf(start)
    throw new BundleError(
      'template-invalid',
      `Velocity takes "${source}(" for a call of a macro and cannot read it: write #[[#]]# for the "#" of a text`,
      { place, cause: error },
    )
  }
}

/** `#break($foreach)`: the scope that is left is always the innermost one here. */
function skipScope(cursor: Cursor): void {
  if (!accept(cursor, '(')) return
  cursor.grammar.expression(cursor)
  if (!accept(cursor, ')')) refuse(cursor, cursor.at, '")" is missing')
}

/** Steps over the line end after what opens a block; whether the block then begins a line. */
function opened(cursor: Cursor, lineStart: boolean): boolean {
  const gobbled = peek(cursor, LINE_END)
  cursor.at += gobbled?.[0].length ?? 0
  return gobbled !== undefined || lineStart
}

/** A directive that begins a line takes the line's end with it. */
function gobbleLineEnd(cursor: Cursor, lineStart: boolean): boolean {
  const gobbled = lineStart ? peek(cursor, LINE_END) : undefined
  cursor.at += gobbled?.[0].length ?? 0
  return gobbled !== undefined
}
