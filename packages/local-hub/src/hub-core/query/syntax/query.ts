import type { Expression, PathExpression } from './expression.ts'

/** What a query goes through. */
export type Collection = 'devices' | 'devices.modules' | 'devices.jobs'

/** The functions that make one value of many rows. */
export type AggregateFunction = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX'

/** A value of the row itself. */
export interface PathColumn {
  readonly kind: 'path'
  readonly path: PathExpression
  readonly alias: string | undefined
}

/** A value made of all rows of a group; `COUNT` has no path. */
export interface AggregateColumn {
  readonly kind: 'aggregate'
  readonly function: AggregateFunction
  readonly path: PathExpression | undefined
  readonly alias: string | undefined
}

/** What a query returns of each row. */
export type Column = PathColumn | AggregateColumn

/** A query, as parsed (wire reference 5.1). Frozen. */
export interface Query {
  /** Undefined stands for `*`. */
  readonly columns: readonly Column[] | undefined
  readonly top: number | undefined
  readonly collection: Collection
  readonly where: Expression | undefined
  readonly groupBy: readonly PathExpression[]
}

/** What a query asks of documents: those of a collection for which the expression is true, or all of them. */
export type Condition = Pick<Query, 'collection' | 'where'>
