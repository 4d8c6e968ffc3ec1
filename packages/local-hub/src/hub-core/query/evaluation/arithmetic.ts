import type { JsonValue } from '../../json/json.ts'
import type { ArithmeticOperator } from '../syntax/expression.ts'

/** Calculates with two numbers. Anything else, and a result that is no finite number, is undefined. */
export function calculate(
  operator: ArithmeticOperator,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): number | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined
  return finite(resultOf(operator, left, right))
}

/** The number, or undefined when it is infinite or not a number. */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

function resultOf(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
  }
}
