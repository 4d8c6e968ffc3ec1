import type { JsonValue } from '../../json/json.ts'
import type { ComparisonOperator } from '../syntax/expression.ts'

/** What a comparison may be between. */
export type Primitive = string | number | boolean | null

/** Tells a scalar from objects, arrays and undefined. */
export function isPrimitive(value: JsonValue | undefined): value is Primitive {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/**
 * Compares two values. Undefined is neither equal nor unequal to anything. Values compare with values of their own type only, strings
 * by code unit; anything else is undefined (wire reference 5.4). Null has no order, but can be told from every value that is defined.
 */
export function compare(
  operator: ComparisonOperator,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): boolean | undefined {
  if (left === undefined || right === undefined) return undefined
  if (left === null || right === null) return compareWithNull(operator, left === right)
  if (typeof left === 'number' && typeof right === 'number') return compareAlike(operator, left, right)
  if (typeof left === 'string' && typeof right === 'string') return compareAlike(operator, left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return compareAlike(operator, left, right)
  return undefined
}

function compareWithNull(operator: ComparisonOperator, same: boolean): boolean | undefined {
  if (operator === '=') return same
  return operator === '!=' ? !same : undefined
}

function compareAlike<TValue extends string | number | boolean>(
  operator: ComparisonOperator,
  left: TValue,
  right: TValue,
): boolean {
  switch (operator) {
    case '=':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '>':
      return left > right
    case '<=':
      return left <= right
    case '>=':
      return left >= right
  }
}
