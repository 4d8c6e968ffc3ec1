import { aggregateFunctionOf } from './aggregate-function.ts'
import { parseName, parsePath } from './path-parser.ts'
import type { Column } from './query.ts'
import type { TokenCursor } from './token-cursor.ts'

/**
 * Parses the list behind SELECT, where it is not `*`.
 *
 * @throws QueryError for what is neither a path nor an aggregate.
 */
export function parseColumns(cursor: TokenCursor): readonly Column[] {
  const columns: Column[] = []
  do {
    columns.push(Object.freeze(parseColumn(cursor)))
  } while (cursor.takeSymbol(','))
  return Object.freeze(columns)
}

function parseColumn(cursor: TokenCursor): Column {
  const { kind, text } = cursor.peek()
  if (kind !== 'name' || !cursor.isSymbol('(', 1)) {
    return { kind: 'path', path: parsePath(cursor), alias: parseAlias(cursor) }
  }
  const aggregate = aggregateFunctionOf(text)
  if (aggregate === undefined) throw cursor.unexpected('a path or an aggregate')
  cursor.take()
  cursor.expectSymbol('(')
  const path = aggregate === 'COUNT' ? undefined : parsePath(cursor)
  cursor.expectSymbol(')')
  return { kind: 'aggregate', function: aggregate, path, alias: parseAlias(cursor) }
}

function parseAlias(cursor: TokenCursor): string | undefined {
  return cursor.takeKeyword('AS') ? parseName(cursor) : undefined
}
