import { shownName } from '../../actions/validate.ts'

/** A value of a JSON or YAML file, with where each part of it stands: offsets in UTF-16 units. */
export type SourceNode =
  | { readonly kind: 'map'; readonly at: number; readonly members: readonly Member[] }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly SourceNode[] }
  | { readonly kind: 'scalar'; readonly at: number; readonly value: Scalar }

export type Scalar = string | number | boolean | null

export interface Member {
  readonly name: string
  readonly nameAt: number
  readonly node: SourceNode
}

/** What a path leads to: a member, the value in it, and whether the path could be followed to its end. */
export interface Found {
  readonly node: SourceNode
  /** The key of the value; undefined for the root and the items of a list. */
  readonly nameAt: number | undefined
  readonly isWhole: boolean
}

/** The plain value. A member `__proto__` becomes a member of its own, and nobody's prototype. */
export function valueOf(node: SourceNode): unknown {
  switch (node.kind) {
    case 'map':
      return Object.fromEntries(node.members.map(({ name, node: inner }) => [name, valueOf(inner)]))
    case 'list':
      return node.items.map(valueOf)
    case 'scalar':
      return node.value
  }
}

/**
 * Follows a path such as `config.thresholds.pii` as far as it leads. An item of a list is named by its number, or,
 * when it is a text, by that: `config.content_categories.pii`.
 */
export function follow(root: SourceNode, path: string): Found {
  let found: Found = { node: root, nameAt: undefined, isWhole: path === '' }
  for (let rest = path; rest !== '';) {
    const step = stepInto(found.node, rest)
    if (!step) return { ...found, isWhole: false }
    rest = rest.slice(step.name.length + 1)
    found = { node: step.node, nameAt: step.nameAt, isWhole: rest === '' }
  }
  return found
}

interface Step {
  readonly name: string
  readonly nameAt: number | undefined
  readonly node: SourceNode
}

/** Of names that themselves hold dots, the longest that fits is meant. */
function stepInto(node: SourceNode, path: string): Step | undefined {
  const steps = stepsOf(node).filter(({ name }) => path === name || path.startsWith(`${name}.`))
  return steps.sort((a, b) => b.name.length - a.name.length)[0]
}

function stepsOf(node: SourceNode): Step[] {
  if (node.kind === 'map') return node.members.map((member) => ({ ...member, name: shownName(member.name) }))
  if (node.kind === 'scalar') return []
  return node.items.flatMap((item, i) => {
    const step = { nameAt: undefined, node: item }
    const named = item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : []
    return [`${i}`, ...named].map((name) => ({ ...step, name }))
  })
}
