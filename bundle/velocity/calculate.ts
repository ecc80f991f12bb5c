import type { BinaryOperator } from './syntax-tree.ts'
import type { Value } from './value.ts'

type Arithmetic = Exclude<BinaryOperator, 'and' | 'or' | '==' | '!='>

/**
 * Velocity's arithmetic and comparison of numbers. Null for a calculation with what is no number, and by zero; false for
 * such a comparison. Whole numbers divide without a rest, as in Java.
 */
export function calculate(operator: Arithmetic, left: Value, right: Value): Value {
  const compares = operator === '<' || operator === '<=' || operator === '>' || operator === '>='
  if (typeof left !== 'number' || typeof right !== 'number') return compares ? false : null
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return divided(left, right)
    case '%':
      return right === 0 ? null : left % right
  }
}

function divided(left: number, right: number): number | null {
  if (right === 0) return null
  return Number.isInteger(left) && Number.isInteger(right) ? Math.trunc(left / right) : left / right
}
