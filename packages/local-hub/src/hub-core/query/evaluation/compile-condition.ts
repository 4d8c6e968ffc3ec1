import type { QueryDocument } from '../query-source.ts'
import type { Condition } from '../syntax/query.ts'
import { compileExpression } from './compile-expression.ts'

/** Tells whether a document meets a condition: only `true` counts (wire reference 5.4). */
export type DocumentMatcher = (document: QueryDocument) => boolean

/** Makes a matcher of a condition, for documents of its collection. */
export function compileCondition({ collection, where }: Condition): DocumentMatcher {
  if (where === undefined) return () => true
  const evaluate = compileExpression(collection, where)
  return document => evaluate(document) === true
}
