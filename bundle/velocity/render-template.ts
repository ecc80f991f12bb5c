import { newBudget, spendCharacters, spendSteps } from './budget.ts'
import { evaluateExpression } from './evaluate-expression.ts'
import { parseTemplate } from './parse-template.ts'
import { printedReference } from './resolve-reference.ts'
import { at, type Run } from './run.ts'
import type { Expression, ForeachNode, IfNode, SetNode, TemplateNode } from './syntax-tree.ts'
import { isTruthy, type Value, type VelocityContext } from './value.ts'

/** Why nodes stopped printing before their end. */
type Halt = 'break' | 'stop' | undefined

/**
 * What a Velocity template prints, given its values and tools. Pure: the context is not changed. Only data and the members
 * of tools can be reached; nothing of JavaScript. Throws a `template-invalid` BundleError for what Velocity refuses, at its
 * place, and for work or text without end.
 *
 * @example
 * renderTemplate('/people/$esc.url($input.name)$!{input.missing}', { ...genesysTools, input: { name: 'Åsa' } })
 */
export function renderTemplate(template: string, context: VelocityContext): string {
  const { nodes } = parseTemplate(template)
  const run: Run = { context, names: new Map(), budget: newBudget(), evaluate: evaluateExpression, printed }
  return printed(run, nodes)
}

function printed(run: Run, nodes: readonly TemplateNode[]): string {
  const out: string[] = []
  renderNodes(run, nodes, out)
  return out.join('')
}

function renderNodes(run: Run, nodes: readonly TemplateNode[], out: string[]): Halt {
  for (const node of nodes) {
    const halt = renderNode(run, node, out)
    if (halt) return halt
  }
  return undefined
}

function renderNode(run: Run, node: TemplateNode, out: string[]): Halt {
  spendSteps(run.budget)
  switch (node.kind) {
    case 'text':
      spendCharacters(run.budget, node.text.length)
      out.push(node.text)
      return undefined
    case 'reference':
      out.push(at(node.place, () => printedReference(run, node)))
      return undefined
    case 'if':
      return renderIf(run, node, out)
    case 'set':
      assign(run, node)
      return undefined
    case 'foreach':
      return renderForeach(run, node, out)
    case 'break':
    case 'stop':
      return node.kind
  }
}

function renderIf(run: Run, { branches }: IfNode, out: string[]): Halt {
  const taken = branches.find(({ condition }) => !condition || isTruthy(evaluateExpression(run, condition)))
  return taken ? renderNodes(run, taken.body, out) : undefined
}

/** Velocity 2: a value that is none takes away the one that was there. */
function assign(run: Run, { target, value: expression }: SetNode): void {
  const value = evaluateExpression(run, expression)
  const last = target.steps.at(-1)
  if (!last) {
    run.names.set(target.root, value)
    return
  }
  const owner = evaluateExpression(run, { ...target, steps: target.steps.slice(0, -1) })
  if (last.kind === 'property') put(owner, last.name, value)
  else if (last.kind === 'index') put(owner, evaluateExpression(run, last.index), value)
}

function put(owner: Value, key: Value, value: Value): void {
  if (owner instanceof Map && typeof key === 'string') owner.set(key, value)
  else if (Array.isArray(owner) && typeof key === 'number' && key in owner) owner[key] = value
}

function renderForeach(run: Run, node: ForeachNode, out: string[]): Halt {
  const items = at(node.place, () => itemsOf(run, node.list))
  if (items.length === 0) return renderNodes(run, node.otherwise, out)
  const before = LOOP_NAMES.concat(node.variable).map((name) => [name, run.names.get(name)] as const)
  let halt: Halt
  for (const [index, item] of items.entries()) {
    at(node.place, () => spendSteps(run.budget, 4))
    run.names.set(node.variable, item)
    run.names.set('velocityCount', index + 1)
    run.names.set('foreach', loopFacts(index, items.length, before))
    halt = renderNodes(run, node.body, out)
    if (halt) break
  }
  for (const [name, value] of before) {
    if (value === undefined) run.names.delete(name)
    else run.names.set(name, value)
  }
  return halt === 'stop' ? 'stop' : undefined
}

const LOOP_NAMES: readonly string[] = ['foreach', 'velocityCount']

/** What `$foreach` tells of the turn that is under way. */
function loopFacts(
  index: number,
  length: number,
  before: readonly (readonly [string, Value | undefined])[],
): Value {
  return new Map<string, Value>([
    ['index', index],
    ['count', index + 1],
    ['hasNext', index + 1 < length],
    ['first', index === 0],
    ['last', index + 1 === length],
    ['parent', before[0]?.[1] ?? null],
  ])
}

/** A list's items, a map's values; nothing of anything else. */
function itemsOf(run: Run, list: Expression): readonly Value[] {
  const value = evaluateExpression(run, list)
  const items = value instanceof Map ? [...value.values()] : Array.isArray(value) ? [...value] : []
  spendSteps(run.budget, items.length)
  return items
}
