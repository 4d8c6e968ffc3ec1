import type { JsonObject } from '../json/json.ts'
import { resultColumns, rowOf } from './execution/columns.ts'
import { beginning, continuationToken, type Progress, parseContinuation } from './execution/continuation.ts'
import { groupRows } from './execution/group-rows.ts'
import { matchingDocuments } from './execution/matching-documents.ts'
import type { QueryDocument, QuerySource } from './query-source.ts'
import type { Query } from './syntax/query.ts'
import { resolvePath } from './syntax/resolve-path.ts'

/** What the rows of a page are: the value of `x-ms-item-type` (wire reference 5.5). */
export type QueryItemType = 'Twin' | 'Raw' | 'DeviceJob'

/** Which page of the result is wanted. */
export interface PageRequest {
  /** The most rows to return. */
  readonly maxItemCount: number
  /** The token that came with the page before; undefined for the first page. */
  readonly continuation?: string | undefined
}

/** Rows of a result. */
export interface QueryPage {
  readonly itemType: QueryItemType
  readonly items: readonly JsonObject[]
  /** Asks for the next page; undefined on the last. */
  readonly continuation: string | undefined
}

/**
 * Answers a query, one page at a time. Each page sees the documents as they are then: one that is created or deleted in between
 * is seen or missed, but no other is skipped or repeated because of it. Pages of groups may shift when groups come and go.
 *
 * @throws HubError 400 `ArgumentInvalid` when the continuation is not one of this query.
 *
 * @example
 * const page = runQuery(parseQuery('SELECT * FROM devices'), source, { maxItemCount: 100 })
 */
export function runQuery(query: Query, source: QuerySource, { maxItemCount, continuation }: PageRequest): QueryPage {
  const progress = continuation === undefined ? beginning : parseContinuation(query, continuation)
  const left = (query.top ?? Infinity) - progress.returned
  const rows = take(rowsAfter(query, source, progress), Math.min(left, maxItemCount + 1))
  const items = rows.slice(0, maxItemCount)
  const last = rows.length > items.length ? items.at(-1) : undefined
  return {
    itemType: itemTypeOf(query),
    items: items.map(row => row.view()),
    continuation:
      last && continuationToken(query, { after: last.position, returned: progress.returned + items.length }),
  }
}

/** How many rows a query has. */
export function countRows(query: Query, source: QuerySource): number {
  return Math.min(Array.from(rowsAfter(query, source, beginning)).length, query.top ?? Infinity)
}

/** A row that is not made before it is known to be wanted. */
type Row = Pick<QueryDocument, 'position' | 'view'>

function* rowsAfter(query: Query, source: QuerySource, { after, returned }: Progress): Iterable<Row> {
  if (query.columns === undefined) {
    yield* matchingDocuments(source, query, after)
    return
  }
  const columns = resultColumns(query.collection, query.columns)
  if (query.groupBy.length > 0 || columns.some(column => column.aggregate !== undefined)) {
    const groupBy = query.groupBy.map(path => resolvePath(query.collection, path))
    const rows = groupRows(matchingDocuments(source, query), columns, groupBy)
    yield* rows.slice(returned).map(row => ({ position: '', view: () => row }))
    return
  }
  for (const document of matchingDocuments(source, query, after)) {
    yield {
      position: document.position,
      view: () => rowOf(columns.map(({ name, read }) => [name, read(document)])),
    }
  }
}

function itemTypeOf({ columns, collection }: Query): QueryItemType {
  if (columns !== undefined) return 'Raw'
  return collection === 'devices.jobs' ? 'DeviceJob' : 'Twin'
}

function take<TItem>(items: Iterable<TItem>, count: number): readonly TItem[] {
  const taken: TItem[] = []
  if (count <= 0) return taken
  for (const item of items) {
    taken.push(item)
    if (taken.length >= count) break
  }
  return taken
}
