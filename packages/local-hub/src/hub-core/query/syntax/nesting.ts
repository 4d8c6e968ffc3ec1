import { QueryError } from '../query-error.ts'
import type { Expression } from './expression.ts'
import type { TokenCursor } from './token-cursor.ts'

/** How deep expressions may nest. Far above what people write, far below what would exhaust the stack. */
export const maxNesting = 100

/** @throws QueryError when the parser is about to go too deep. */
export function assertNesting(cursor: TokenCursor, depth: number): void {
  if (depth > maxNesting) throw tooDeep(cursor.peek().position)
}

/**
 * Checks the depth of a whole tree: a chain of operators nests without a bracket being written. Goes through it without recursion.
 *
 * @param position where the expression starts.
 * @throws QueryError when it is over {@link maxNesting}.
 */
export function assertTreeDepth(expression: Expression, position: number): void {
  let level: readonly Expression[] = [expression]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxNesting) throw tooDeep(position)
    level = level.flatMap(childrenOf)
  }
}

/** The expressions right below one. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'path':
      return []
    case 'array':
      return expression.elements
    case 'call':
      return expression.arguments
    case 'unary':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'logical':
      return expression.operands
    case 'membership':
      return [expression.operand, ...expression.elements]
  }
}

function tooDeep(position: number): QueryError {
  return new QueryError(`the expression nests deeper than ${maxNesting} levels`, position)
}
