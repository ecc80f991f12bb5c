import { tokensOf } from '../json-tokens.ts'
import type { Token } from '../json-tokens.ts'
import { jsonOutline } from '../webhook-sources/json-outline.ts'
import { checkedItems, checkedMembers } from './checked-collections.ts'
import { expectedAt, opensText } from './expected-in-json.ts'
import type { Fault } from './place.ts'
import { FILTER_SOURCE } from './source-kind.ts'
import type { SourceKind } from './source-kind.ts'
import type { Member, Scalar, SourceNode } from './source-node.ts'

/** The values of a text, and what is wrong with the text. One whose syntax is broken has no values. */
export interface ReadTrees {
  readonly trees: readonly SourceNode[]
  readonly faults: readonly Fault[]
}

/** Reads a text that has to be JSON (RFC 8259) to the letter, with the place of every value in it. */
export function jsonTree(text: string, kind: SourceKind = FILTER_SOURCE): ReadTrees {
  const { tokens } = tokensOf(text)
  const deep = tooDeep(tokens, kind)
  if (deep) return refused(deep.at, `nested deeper than ${kind.maxDepth} levels: ${kind.none} is`)
  const { faultAt } = jsonOutline(text)
  if (faultAt !== undefined)
    return refused(faultAt, whatIsNoJson(text, faultAt, { expected: expectedAt(tokens, faultAt), kind }))
  const faults: Fault[] = []
  return { trees: [buildTree(tokens, faults, kind)], faults }
}

function refused(at: number, message: string): ReadTrees {
  return { trees: [], faults: [{ at, message }] }
}

function tooDeep(tokens: readonly Token[], { maxDepth }: SourceKind): Token | undefined {
  let depth = 0
  return tokens.find(({ text }) => {
    if (text === '{' || text === '[') depth++
    if (text === '}' || text === ']') depth--
    return depth > maxDepth
  })
}

interface FaultContext {
  readonly expected: string
  readonly kind: SourceKind
}

function whatIsNoJson(text: string, at: number, { expected, kind }: FaultContext): string {
  const rest = text.slice(at)
  if (rest === '') return `the JSON ends too early: ${expected} is expected`
  if (/^(\/\/|\/\*|#)/.test(rest))
    return `JSON has no comments: take it out${kind.names.test('x.yaml') ? ', or name the file .yaml' : ''}`
  if (/^[}\]]/.test(rest) && /,\s*$/.test(text.slice(0, at)))
    return 'a comma before a closing bracket is no JSON: take it out'
  if (rest.startsWith("'")) return "' opens no text in JSON: write double quotes"
  if (rest.startsWith('"') && opensText(expected))
    return 'this text is not closed on its line, or has a backslash or a control character that JSON does not know'
  return `this cannot stand here in JSON: ${expected} is expected`
}

/** Of the tokens of a text that is known to be JSON. */
function buildTree(tokens: readonly Token[], faults: Fault[], kind: SourceKind): SourceNode {
  let next = 0
  const take = (): Token => tokens[next++] ?? { text: 'null', at: 0 }
  const closes = (mark: string): boolean => tokens[next]?.text === mark && next++ > 0

  const value = (): SourceNode => {
    const { text, at } = take()
    if (text === '{') return { kind: 'map', at, members: members() }
    if (text === '[') return { kind: 'list', at, items: items() }
    return { kind: 'scalar', at, value: JSON.parse(text) as Scalar }
  }
  const members = (): readonly Member[] => {
    const found: Member[] = []
    while (!closes('}')) {
      if (found.length > 0) take()
      const { text, at } = take()
      take()
      found.push({ name: JSON.parse(text) as string, nameAt: at, node: value() })
    }
    return checkedMembers(found, faults, kind)
  }
  const items = (): readonly SourceNode[] => {
    const found: SourceNode[] = []
    while (!closes(']')) {
      if (found.length > 0) take()
      found.push(value())
    }
    return checkedItems(found, faults, kind)
  }
  return value()
}
