import { QueryError } from '../query-error.ts'
import { parseExpression } from './expression-parser.ts'
import type { Condition } from './query.ts'
import { parseFrom } from './query-parser.ts'
import { TokenCursor } from './token-cursor.ts'

/**
 * Parses the condition of a configuration or a job: `*`, an expression about devices, or `FROM devices.modules WHERE` and an
 * expression about modules (wire reference 6.2, 6.3, 7.1).
 *
 * @throws QueryError where the text leaves the grammar, and for an empty one.
 *
 * @example
 * parseCondition("tags.environment = 'test'")
 */
export function parseCondition(text: string): Condition {
  const cursor = new TokenCursor(text)
  const condition = parseTarget(cursor)
  cursor.expectEnd()
  return Object.freeze(condition)
}

function parseTarget(cursor: TokenCursor): Condition {
  if (cursor.takeSymbol('*')) return { collection: 'devices', where: undefined }
  if (cursor.peekKeyword() !== 'FROM') return { collection: 'devices', where: parseExpression(cursor) }
  const { position } = cursor.peek(1)
  const collection = parseFrom(cursor)
  if (collection === 'devices.jobs') throw new QueryError('expected devices or devices.modules', position)
  cursor.expectKeyword('WHERE')
  return { collection, where: parseExpression(cursor) }
}
