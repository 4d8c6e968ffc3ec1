import type { Constant, Expression } from '../syntax/expression.ts'
import type { Collection } from '../syntax/query.ts'
import { resolvePath } from '../syntax/resolve-path.ts'

/**
 * The only devices for whose documents an expression can be true, or undefined when it may be any. Seen are `deviceId = 'x'` and
 * `deviceId IN [...]`, alone, in a part of an AND, and in every part of an OR.
 */
export function deviceIdsOf(collection: Collection, expression: Expression): ReadonlySet<string> | undefined {
  const idsOf = (part: Expression): ReadonlySet<string> | undefined => deviceIdsOf(collection, part)
  switch (expression.kind) {
    case 'binary': {
      const { operator, left, right } = expression
      if (operator !== '=') return undefined
      if (isDeviceId(collection, left) && right.kind === 'literal') return stringsOf([right])
      return isDeviceId(collection, right) && left.kind === 'literal' ? stringsOf([left]) : undefined
    }
    case 'membership': {
      const { operator, operand, elements } = expression
      return operator === 'IN' && isDeviceId(collection, operand) ? stringsOf(elements) : undefined
    }
    case 'logical': {
      const parts = expression.operands.map(idsOf)
      const known = parts.filter(ids => ids !== undefined)
      if (expression.operator === 'AND') return smallest(known)
      return known.length === parts.length ? new Set(known.flatMap(ids => [...ids])) : undefined
    }
    default:
      return undefined
  }
}

function isDeviceId(collection: Collection, expression: Expression): boolean {
  if (expression.kind !== 'path') return false
  const path = resolvePath(collection, expression)
  return path.length === 1 && path[0] === 'deviceId'
}

function stringsOf(constants: readonly Constant[]): ReadonlySet<string> {
  return new Set(
    constants.flatMap(constant =>
      constant.kind === 'literal' && typeof constant.value === 'string' ? [constant.value] : [],
    ),
  )
}

function smallest(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> | undefined {
  return sets.toSorted((first, second) => first.size - second.size)[0]
}
