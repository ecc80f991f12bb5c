import { spendSteps } from './budget.ts'
import { calculate } from './calculate.ts'
import { resolveReference } from './resolve-reference.ts'
import { at, type Run } from './run.ts'
import type { Expression } from './syntax-tree.ts'
import { areEqual, isTruthy, textOf, type Value } from './value.ts'

type Range = Extract<Expression, { kind: 'range' }>
type Binary = Extract<Expression, { kind: 'binary' }>

/** The value of an expression; null where it has none. Throws a BundleError, see `resolveReference`. */
export function evaluateExpression(run: Run, expression: Expression): Value {
  spendSteps(run.budget)
  const evaluate = (part: Expression) => evaluateExpression(run, part)
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'interpolated':
      return run.printed(run, expression.nodes)
    case 'reference':
      return resolveReference(run, expression)
    case 'list':
      return expression.items.map(evaluate)
    case 'map':
      return new Map(
        expression.entries.map(([key, value]) => [textOf(evaluate(key), run.budget), evaluate(value)]),
      )
    case 'range':
      return evaluateRange(run, expression)
    case 'unary':
      return expression.operator === 'not'
        ? !isTruthy(evaluate(expression.operand))
        : negated(evaluate(expression.operand))
    case 'binary':
      return evaluateBinary(run, expression)
  }
}

function negated(value: Value): Value {
  return typeof value === 'number' ? -value : null
}

function evaluateRange(run: Run, { from, to, place }: Range): Value {
  const first = evaluateExpression(run, from)
  const last = evaluateExpression(run, to)
  if (typeof first !== 'number' || typeof last !== 'number') return null
  const length = Math.abs(Math.trunc(last) - Math.trunc(first)) + 1
  at(place, () => spendSteps(run.budget, length))
  const step = last < first ? -1 : 1
  return Array.from({ length }, (_, i) => Math.trunc(first) + i * step)
}

function evaluateBinary(run: Run, expression: Binary): Value {
  const { operator, left, right } = expression
  const first = evaluateExpression(run, left)
  if (operator === 'and') return isTruthy(first) && isTruthy(evaluateExpression(run, right))
  if (operator === 'or') return isTruthy(first) || isTruthy(evaluateExpression(run, right))
  const second = evaluateExpression(run, right)
  if (operator === '==') return areEqual(first, second, run.budget)
  if (operator === '!=') return !areEqual(first, second, run.budget)
  if (operator === '+' && (typeof first === 'string' || typeof second === 'string'))
    return run.printed(run, [
      { kind: 'text', text: operandText(run, first, left) },
      { kind: 'text', text: operandText(run, second, right) },
    ])
  return calculate(operator, first, second)
}

/** Where a text is joined with what has no value, the source of that stands in. */
function operandText(run: Run, value: Value, expression: Expression): string {
  return value === null && expression.kind === 'reference' ? expression.source : textOf(value, run.budget)
}
