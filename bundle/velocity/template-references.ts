import type { TextPlace } from '../bundle-error.ts'
import { parseTemplate } from './parse-template.ts'
import { namesIn, outcomeGuards } from './reference-names.ts'
import type { Expression, IfNode, Reference, ReferenceForm, TemplateNode } from './syntax-tree.ts'

/** One use of a value in a template. */
export interface TemplateReference {
  /** `input` of `${input.x.trim()}`. */
  readonly root: string
  /** `['x']` of `${input.x.trim()}`: properties and indexes that are texts, up to the first method. */
  readonly path: readonly string[]
  /** The methods called on it, first to last: `['trim']`; `['jsonEncode']` for the tool itself in `$esc.jsonEncode(...)`. */
  readonly calls: readonly string[]
  /** What its value goes through, innermost first: its own `calls`, then tools and methods that it is an argument of. */
  readonly through: readonly string[]
  /** As written. */
  readonly source: string
  readonly form: ReferenceForm
  readonly place: TextPlace
  /** Names (`input.x`) that an enclosing #if tested before this is reached. */
  readonly guardedBy: readonly string[]
  /** Stands in a condition, in the value of a #set, or in the list of a #foreach: it does not print itself. */
  readonly isTested: boolean
  /** The template gave the name its value: #set or #foreach, or Velocity did (`$foreach`). */
  readonly isLocal: boolean
  /** The text before it has opened a JSON text in double quotes. Best effort: follows the template's literal text. */
  readonly insideQuotes: boolean
}

/** What holds where the walk stands. */
interface Scope {
  readonly through: readonly string[]
  readonly guardedBy: readonly string[]
  readonly isTested: boolean
}

/** What the walk gathers. */
interface Walk {
  readonly found: TemplateReference[]
  readonly locals: Set<string>
  insideQuotes: boolean
}

/**
 * Every reference of a template in the order of its text, those in arguments, indexes and texts in double quotes too;
 * not those that a backslash escapes. Pure. Throws a `template-invalid` BundleError for what is no template.
 */
export function templateReferences(template: string): readonly TemplateReference[] {
  const walk: Walk = { found: [], locals: new Set(), insideQuotes: false }
  walkNodes(walk, parseTemplate(template).nodes, { through: [], guardedBy: [], isTested: false })
  return walk.found
}

function walkNodes(walk: Walk, nodes: readonly TemplateNode[], scope: Scope): void {
  for (const node of nodes) walkNode(walk, node, scope)
}

function walkNode(walk: Walk, node: TemplateNode, scope: Scope): void {
  if (node.kind === 'text') walk.insideQuotes = quotesAfter(node.text, walk.insideQuotes)
  else if (node.kind === 'reference') walkReference(walk, node, scope)
  else if (node.kind === 'if') walkIf(walk, node, scope)
  else if (node.kind === 'set') {
    walkExpression(walk, node.value, { ...scope, isTested: true })
    if (node.target.steps.length === 0) walk.locals.add(node.target.root)
    else walkReference(walk, node.target, { ...scope, isTested: true })
  } else if (node.kind === 'foreach') {
    walkExpression(walk, node.list, { ...scope, isTested: true })
    for (const name of [node.variable, 'foreach', 'velocityCount']) walk.locals.add(name)
    walkNodes(walk, node.body, scope)
    walkNodes(walk, node.otherwise, scope)
  }
}

/** Each branch begins where the #if began; the text after it goes on from the first one. */
function walkIf(walk: Walk, { branches }: IfNode, scope: Scope): void {
  const before = walk.insideQuotes
  let after: boolean | undefined
  let guards = scope.guardedBy
  for (const { condition, body } of branches) {
    walk.insideQuotes = before
    if (condition) walkExpression(walk, condition, { ...scope, guardedBy: guards, isTested: true })
    const own = condition ? namesIn(condition) : []
    walkNodes(walk, body, { ...scope, guardedBy: [...guards, ...own] })
    after ??= walk.insideQuotes
    if (condition) guards = [...guards, ...outcomeGuards(condition)]
  }
  walk.insideQuotes = after ?? before
}

function walkReference(walk: Walk, reference: Reference, scope: Scope): void {
  // An escaped reference prints its source.
  if (reference.backslashes % 2 === 1) return
  const { root, source, form, place, steps } = reference
  const calls = steps.flatMap((step) => (step.kind === 'method' ? [step.name] : []))
  const path = pathOf(reference)
  const { through, guardedBy, isTested } = scope
  const isLocal = walk.locals.has(root)
  const { insideQuotes } = walk
  const own = { root, path, calls, source, form, place }
  walk.found.push({ ...own, through: [...calls, ...through], guardedBy, isTested, isLocal, insideQuotes })
  const owner = [root, ...path].join('.')
  for (const step of steps) {
    if (step.kind === 'index') walkExpression(walk, step.index, scope)
    if (step.kind !== 'method') continue
    const inner = { ...scope, through: [`${owner}.${step.name}`, ...through] }
    for (const argument of step.args) walkExpression(walk, argument, inner)
  }
  if (reference.alternate) walkExpression(walk, reference.alternate, scope)
}

function pathOf({ steps }: Reference): readonly string[] {
  const path: string[] = []
  for (const step of steps) {
    if (step.kind === 'property') path.push(step.name)
    else if (step.kind === 'index' && step.index.kind === 'literal' && typeof step.index.value === 'string')
      path.push(step.index.value)
    else if (step.kind === 'method') break
  }
  return path
}

function walkExpression(walk: Walk, expression: Expression, scope: Scope): void {
  const walkAll = (parts: readonly Expression[]) => {
    for (const part of parts) walkExpression(walk, part, scope)
  }
  if (expression.kind === 'reference') walkReference(walk, expression, scope)
  else if (expression.kind === 'interpolated') {
    // Quotes of an argument are not those of the text around it.
    const { insideQuotes } = walk
    walkNodes(walk, expression.nodes, scope)
    walk.insideQuotes = insideQuotes
  } else if (expression.kind === 'list') walkAll(expression.items)
  else if (expression.kind === 'range') walkAll([expression.from, expression.to])
  else if (expression.kind === 'map') walkAll(expression.entries.flat())
  else if (expression.kind === 'unary') walkAll([expression.operand])
  else if (expression.kind === 'binary') walkAll([expression.left, expression.right])
}

/** Whether a JSON text is open after `text`, when it was or was not before. */
function quotesAfter(text: string, open: boolean): boolean {
  let inside = open
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') inside = !inside
    else if (inside && text[at] === '\\') at += 1
  }
  return inside
}
