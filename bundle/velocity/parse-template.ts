import { type Block, type Closer, type Cursor, placesOf, refuse, standsAt } from './cursor.ts'
import {
  directiveWord,
  type DirectiveWord,
  isKnownDirective,
  parseDirective,
  unknownCall,
} from './parse-directive.ts'
import { parseExpression } from './parse-expression.ts'
import { parseReference } from './parse-reference.ts'
import type { Template, TemplateNode } from './syntax-tree.ts'

/** A template longer than this, in characters, is refused: no data action has one. */
export const MAX_TEMPLATE_LENGTH = 1_000_000

/**
 * Reads a Velocity template. Pure. Throws a `template-invalid` BundleError with its place, and nothing else, for what
 * Velocity refuses.
 */
export function parseTemplate(text: string): Template {
  const grammar = {
    block: parseBlock,
    body: parseBody,
    reference: parseReference,
    expression: parseExpression,
  }
  const cursor = { text, end: text.length, placeOf: placesOf(text), grammar, depth: 0, at: 0 }
  if (text.length > MAX_TEMPLATE_LENGTH)
    refuse(cursor, 0, `the template is longer than ${MAX_TEMPLATE_LENGTH} characters`)
  return { nodes: parseBody(cursor) }
}

function parseBody(cursor: Cursor): readonly TemplateNode[] {
  const { nodes, closer, closerAt } = parseBlock(cursor, true)
  if (closer !== undefined)
    refuse(cursor, closerAt, `#${closer} stands here without the #if or #foreach that it belongs to`)
  return nodes
}

/** The block that is being read: what is finished, and the text since. */
interface Draft {
  readonly nodes: TemplateNode[]
  pending: string
  /** Whether `pending` begins a line. */
  lineStart: boolean
}

function parseBlock(cursor: Cursor, lineStart: boolean): Block {
  const draft: Draft = { nodes: [], pending: '', lineStart }
  while (cursor.at < cursor.end) {
    takeText(cursor, draft)
    const closerAt = cursor.at
    const closer = closerAt < cursor.end ? takeSpecial(cursor, draft) : undefined
    if (closer !== undefined) return { nodes: draft.nodes, closer, closerAt, lineStart: finish(draft) }
  }
  finish(draft)
  return { nodes: draft.nodes, closer: undefined, closerAt: cursor.end, lineStart: false }
}

const SPECIAL = /[\\$#]/g

function takeText(cursor: Cursor, draft: Draft): void {
  SPECIAL.lastIndex = cursor.at
  const next = Math.min(SPECIAL.exec(cursor.text)?.index ?? cursor.end, cursor.end)
  draft.pending += cursor.text.slice(cursor.at, next)
  cursor.at = next
}

/** Reads on from a backslash, `$` or `#`; gives what closes the block. */
function takeSpecial(cursor: Cursor, draft: Draft): Closer | undefined {
  const backslashes = countBackslashes(cursor)
  const sign = cursor.at + backslashes < cursor.end ? cursor.text[cursor.at + backslashes] : undefined
  if (sign === '$') takeReference(cursor, draft, backslashes)
  else if (backslashes > 0) takeEscape(cursor, draft, backslashes, sign)
  else return takeHash(cursor, draft)
  return undefined
}

function countBackslashes(cursor: Cursor): number {
  let count = 0
  while (cursor.at + count < cursor.end && cursor.text[cursor.at + count] === '\\') count += 1
  return count
}

function takeReference(cursor: Cursor, draft: Draft, backslashes: number): void {
  const start = cursor.at
  cursor.at += backslashes
  const reference = cursor.grammar.reference(cursor, backslashes)
  if (reference) push(draft, reference, false)
  else {
    cursor.at += 1
    draft.pending += cursor.text.slice(start, cursor.at)
  }
}

/**
 * `\#if` prints as `#if`, `\\#if` as a backslash and the directive. Before a word that is no directive backslashes stay,
 * and so do they before anything else.
 */
function takeEscape(cursor: Cursor, draft: Draft, backslashes: number, sign: string | undefined): void {
  cursor.at += backslashes
  const word = sign === '#' ? directiveWord(cursor) : undefined
  const known = word !== undefined && isKnownDirective(word.name)
  const escaped = backslashes % 2 === 1
  // Velocity halves them before every directive but one that it runs as #set.
  const halved = known && (escaped || word.name !== 'set')
  draft.pending += '\\'.repeat(halved ? backslashes >> 1 : backslashes)
  if (!word || !escaped) return
  draft.pending += word.source
  cursor.at += word.source.length
}

function takeHash(cursor: Cursor, draft: Draft): Closer | undefined {
  const word = directiveWord(cursor)
  if (word && isKnownDirective(word.name)) return takeDirective(cursor, draft, word)
  if (word) draft.pending += unknownCall(cursor, word)
  else if (standsAt(cursor, '##')) skipLineComment(cursor, draft)
  else if (standsAt(cursor, '#*')) skipComment(cursor, draft)
  else if (standsAt(cursor, '#[[')) takeTextBlock(cursor, draft)
  else {
    draft.pending += '#'
    cursor.at += 1
  }
  return undefined
}

function takeDirective(cursor: Cursor, draft: Draft, word: DirectiveWord): Closer | undefined {
  const { name } = word
  // White space before a directive that begins a line goes with it, as Velocity 2 does it ("lines").
  const lineStart = beginsLine(draft)
  if (lineStart) draft.pending = withoutIndent(draft.pending)
  if (name === 'elseif' || name === 'else' || name === 'end') {
    cursor.at += word.source.length
    return name
  }
  const parsed = parseDirective(cursor, word, lineStart)
  if (parsed) push(draft, parsed.node, parsed.lineStart)
  else {
    draft.pending += word.source
    cursor.at += word.source.length
  }
  return undefined
}

function skipLineComment(cursor: Cursor, draft: Draft): void {
  const end = cursor.text.indexOf('\n', cursor.at)
  cursor.at = end === -1 ? cursor.end : Math.min(end + 1, cursor.end)
  flush(draft, true)
}

/** A comment that does not end takes the rest with it. */
function skipComment(cursor: Cursor, draft: Draft): void {
  const end = cursor.text.indexOf('*#', cursor.at + '#*'.length)
  cursor.at = end === -1 ? cursor.end : Math.min(end + '*#'.length, cursor.end)
  flush(draft, false)
}

/** `#[[ text ]]#` prints its text as it stands. */
function takeTextBlock(cursor: Cursor, draft: Draft): void {
  const start = cursor.at + '#[['.length
  const end = cursor.text.indexOf(']]#', start)
  if (end === -1 || end + ']]#'.length > cursor.end)
    refuse(cursor, cursor.at, 'the text that begins with #[[ does not end: "]]#" is missing')
  draft.pending += cursor.text.slice(start, end)
  flush(draft, false)
  cursor.at = end + ']]#'.length
}

function push(draft: Draft, node: TemplateNode, lineStart: boolean): void {
  flush(draft, lineStart)
  draft.nodes.push(node)
}

function flush(draft: Draft, lineStart: boolean): void {
  if (draft.pending !== '') draft.nodes.push({ kind: 'text', text: draft.pending })
  draft.pending = ''
  draft.lineStart = lineStart
}

/** Ends the draft; whether what comes next begins a line. */
function finish(draft: Draft): boolean {
  const lineStart = beginsLine(draft)
  flush(draft, false)
  return lineStart
}

function beginsLine({ pending, lineStart }: Draft): boolean {
  const rest = withoutIndent(pending)
  return rest === '' ? lineStart : rest.endsWith('\n')
}

function withoutIndent(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1
  return text.slice(0, end)
}
