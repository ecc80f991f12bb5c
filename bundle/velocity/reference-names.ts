import type { Expression, Reference } from './syntax-tree.ts'

/** The names (`input.x`) of the references of an expression, those in its texts and arguments too. */
export function namesIn(expression: Expression): readonly string[] {
  if (expression.kind === 'reference') return [nameOf(expression), ...partsOf(expression).flatMap(namesIn)]
  return partsOf(expression).flatMap(namesIn)
}

/**
 * The names that are known of once a condition has not held. Of `!$input.x` and `$input.x == ""` the other branch is the
 * one where there is a value; of `$input.x` it is the one where there is none.
 */
export function outcomeGuards(condition: Expression): readonly string[] {
  return denies(condition) ? namesIn(condition) : []
}

function denies(expression: Expression): boolean {
  if (expression.kind === 'unary') return expression.operator === 'not'
  if (expression.kind !== 'binary') return false
  if (expression.operator === 'and' || expression.operator === 'or')
    return denies(expression.left) && denies(expression.right)
  return expression.operator === '=='
}

/** `input.x` of `$input.x.trim()`. */
function nameOf({ root, steps }: Reference): string {
  const end = steps.findIndex(({ kind }) => kind !== 'property')
  const properties = (end === -1 ? steps : steps.slice(0, end)).flatMap((step) =>
    step.kind === 'property' ? [step.name] : [],
  )
  return [root, ...properties].join('.')
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'reference':
      return expression.steps.flatMap((step) =>
        step.kind === 'method' ? step.args : step.kind === 'index' ? [step.index] : [],
      )
    case 'interpolated':
      return expression.nodes.flatMap((node) => (node.kind === 'reference' ? [node] : []))
    case 'list':
      return expression.items
    case 'range':
      return [expression.from, expression.to]
    case 'map':
      return expression.entries.flat()
    case 'unary':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'literal':
      return []
  }
}
