import { QueryError } from '../query-error.ts'
import { node, type PathExpression } from './expression.ts'
import { keywordOf } from './keyword.ts'
import type { TokenCursor } from './token-cursor.ts'

/**
 * Parses a path: names with dots in between.
 *
 * @throws QueryError where no name stands, with a hint when it is a reserved word.
 */
export function parsePath(cursor: TokenCursor): PathExpression {
  const segments = [parseName(cursor)]
  while (cursor.takeSymbol('.')) segments.push(parseName(cursor))
  return node({ kind: 'path', segments })
}

/** Parses one name, in double brackets or bare. */
export function parseName(cursor: TokenCursor): string {
  const { kind, text, position } = cursor.peek()
  if (kind !== 'name' && kind !== 'escapedName') throw cursor.unexpected('a name')
  if (kind === 'name' && keywordOf(text) !== undefined) {
    throw new QueryError(`expected a name, got the reserved word '${text}' (write [[${text}]])`, position)
  }
  return cursor.take().text
}
