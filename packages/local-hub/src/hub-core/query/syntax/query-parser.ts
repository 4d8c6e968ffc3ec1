import { QueryError } from '../query-error.ts'
import { checkQuery } from './check-query.ts'
import { parseColumns } from './column-parser.ts'
import type { PathExpression } from './expression.ts'
import { parseExpression } from './expression-parser.ts'
import { parsePath } from './path-parser.ts'
import type { Collection, Query } from './query.ts'
import { TokenCursor } from './token-cursor.ts'

const maxTop = 2 ** 31 - 1
const collections: ReadonlyMap<string, Collection> = new Map([
  ['devices', 'devices'],
  ['devices.modules', 'devices.modules'],
  ['devices.jobs', 'devices.jobs'],
])

/**
 * Parses a query (wire reference 5.1).
 *
 * @throws QueryError where the text leaves the grammar, and for what the grammar allows but a collection does not.
 *
 * @example
 * parseQuery("SELECT deviceId FROM devices WHERE tags.site = 'oslo'")
 */
export function parseQuery(text: string): Query {
  const cursor = new TokenCursor(text)
  cursor.expectKeyword('SELECT')
  const top = parseTop(cursor)
  const { position } = cursor.peek()
  const columns = cursor.takeSymbol('*') ? undefined : parseColumns(cursor)
  const collection = parseFrom(cursor)
  const where = cursor.takeKeyword('WHERE') ? parseExpression(cursor) : undefined
  const groupBy = parseGroupBy(cursor)
  cursor.expectEnd()
  const query: Query = Object.freeze({ columns, top, collection, where, groupBy })
  checkQuery(query, position)
  return query
}

/**
 * Parses `FROM` and the name of a collection.
 *
 * @throws QueryError when it is none of the three.
 */
export function parseFrom(cursor: TokenCursor): Collection {
  cursor.expectKeyword('FROM')
  const { position } = cursor.peek()
  const name = parsePath(cursor).segments.join('.')
  const collection = collections.get(name.toLowerCase())
  if (collection === undefined) {
    throw new QueryError(`expected devices, devices.modules or devices.jobs, got '${name}'`, position)
  }
  return collection
}

function parseTop(cursor: TokenCursor): number | undefined {
  if (!cursor.takeKeyword('TOP')) return undefined
  const { kind, text } = cursor.peek()
  if (kind !== 'number' || !/^\d+$/.test(text) || Number(text) > maxTop) {
    throw cursor.unexpected(`a whole number up to ${maxTop}`)
  }
  cursor.take()
  return Number(text)
}

function parseGroupBy(cursor: TokenCursor): readonly PathExpression[] {
  const paths: PathExpression[] = []
  if (cursor.takeKeyword('GROUP')) {
    cursor.expectKeyword('BY')
    do {
      paths.push(parsePath(cursor))
    } while (cursor.takeSymbol(','))
  }
  return Object.freeze(paths)
}
