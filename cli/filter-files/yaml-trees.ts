import { Composer, isAlias, isMap, isScalar, isSeq, Parser } from 'yaml'
import type { CST, Document, ParsedNode } from 'yaml'
import { checkedItems, checkedMembers } from './checked-collections.ts'
import type { ReadTrees } from './json-tree.ts'
import type { Fault } from './place.ts'
import { FILTER_SOURCE } from './source-kind.ts'
import type { Member, Scalar, SourceNode } from './source-node.ts'

/** YAML 1.2 and nothing on top. The library's own search for double keys takes quadratic time: ours does not. */
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  strict: true,
  merge: false,
  resolveKnownTags: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const

/**
 * Reads the documents of a YAML 1.2 text, with the place of every value. What would let a value stand elsewhere than
 * where it counts is refused (anchors, aliases, merge keys), and so are tags. Empty documents are left out.
 */
export function yamlTrees(text: string): ReadTrees {
  const tokens = [...new Parser().parse(text)]
  const deep = tooDeep(tokens)
  if (deep) {
    const message = `nested deeper than ${FILTER_SOURCE.maxDepth} levels: no filter is`
    return { trees: [], faults: [{ at: deep.offset, message }] }
  }
  const documents = [...new Composer(OPTIONS).compose(tokens, false, text.length)]
  const faults = documents.flatMap(syntaxFaults)
  if (faults.length > 0) return { trees: [], faults }
  const trees = documents.flatMap(({ contents }) =>
    contents && !isEmpty(contents) ? [treeOf(contents, contents.range[0], faults)] : [],
  )
  return { trees: checkedItems(trees, faults), faults }
}

/** Asked of the tokens, without recursion: what composes them recurses, and dies of a bomb of brackets. */
function tooDeep(tokens: readonly CST.Token[]): CST.Token | undefined {
  const open: (readonly [CST.Token, number])[] = tokens.map((token) => [token, 0])
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const [token, depth] = entry
    if (depth > FILTER_SOURCE.maxDepth) return token
    if (token.type === 'document' && token.value) open.push([token.value, depth + 1])
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key) open.push([key, depth + 1])
      if (value) open.push([value, depth + 1])
    }
  }
  return undefined
}

/** What follows a fault on its line is mostly its echo. */
const TOLD_OF_DOCUMENT = 3

function syntaxFaults({ errors }: Document.Parsed): Fault[] {
  return errors.slice(0, TOLD_OF_DOCUMENT).map(({ code, message, pos }) => ({
    at: pos[0],
    message:
      code === 'TAB_AS_INDENT'
        ? 'a tab stands in the indentation: YAML wants spaces'
        : `the YAML is broken here: ${message.slice(0, 200)}`,
  }))
}

function isEmpty(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null && node.range[0] === node.range[1] && !node.tag && !node.anchor
}

function treeOf(node: ParsedNode | null, at: number, faults: Fault[]): SourceNode {
  if (node === null) return { kind: 'scalar', at, value: null }
  const place = node.range[0]
  const borrowed = whatIsBorrowed(node)
  if (borrowed !== undefined) faults.push({ at: place, message: borrowed })
  if (isMap(node)) return { kind: 'map', at: place, members: membersOf(node.items, faults) }
  if (isSeq(node)) {
    const items = node.items.map((item) => treeOf(item, place, faults))
    return { kind: 'list', at: place, items: checkedItems(items, faults) }
  }
  return { kind: 'scalar', at: place, value: isScalar(node) ? (node.value as Scalar) : null }
}

function membersOf(
  items: readonly { readonly key: ParsedNode | null; readonly value: ParsedNode | null }[],
  faults: Fault[],
): readonly Member[] {
  const members = items.flatMap(({ key, value }): readonly Member[] => {
    const nameAt = key?.range[0] ?? value?.range[0] ?? 0
    const node = treeOf(value, nameAt, faults)
    if (
      !isScalar(key) ||
      typeof key.value !== 'string' ||
      key.tag !== undefined ||
      key.anchor !== undefined
    ) {
      faults.push({ at: nameAt, message: 'a key has to be a plain text' })
      return []
    }
    if (key.value === '<<')
      faults.push({ at: nameAt, message: 'merge keys (<<) are not read: write the members out' })
    return [{ name: key.value, nameAt, node }]
  })
  return checkedMembers(members, faults)
}

/** Why a value cannot be taken as it stands there: a reviewer has to see each filter whole, in one place. */
function whatIsBorrowed(node: ParsedNode): string | undefined {
  if (isAlias(node)) return `aliases (*${node.source}) are not read: write the value out`
  if (node.anchor !== undefined)
    return `anchors (&${node.anchor}) are not read: write the value out where it counts`
  if (node.tag !== undefined)
    return `tags (${node.tag.replace('tag:yaml.org,2002:', '!!')}) are not read: take it out`
  return undefined
}
