import { compileCondition } from '../evaluation/compile-condition.ts'
import type { QueryDocument, QuerySource } from '../query-source.ts'
import type { Condition } from '../syntax/query.ts'
import { deviceIdsOf } from './device-ids.ts'

/**
 * The documents that meet a condition, in order of creation. Those of named devices are looked up, otherwise the collection is gone
 * through. Lazy: what is not asked for is not evaluated.
 *
 * @param after skips the documents up to and including this position; default: none.
 *
 * @example
 * const targets = matchingDocuments(source, parseCondition("tags.environment = 'test'"))
 */
export function* matchingDocuments(
  source: QuerySource,
  condition: Condition,
  after: string = '',
): Iterable<QueryDocument> {
  const matches = compileCondition(condition)
  for (const document of candidates(source, condition)) {
    if (document.position > after && matches(document)) yield document
  }
}

function candidates(source: QuerySource, { collection, where }: Condition): Iterable<QueryDocument> {
  const deviceIds = where === undefined ? undefined : deviceIdsOf(collection, where)
  if (deviceIds === undefined) return source.documents(collection)
  return [...deviceIds]
    .flatMap(deviceId => [...source.documentsOf(collection, deviceId)])
    .toSorted((first, second) => (first.position < second.position ? -1 : 1))
}
