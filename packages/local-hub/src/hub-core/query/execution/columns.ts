import type { JsonObject, JsonValue } from '../../json/json.ts'
import type { QueryDocument } from '../query-source.ts'
import { columnName } from '../syntax/column-name.ts'
import type { AggregateFunction, Collection, Column } from '../syntax/query.ts'
import { type Path, resolvePath } from '../syntax/resolve-path.ts'

/** A column, ready to be read from documents. */
export interface ResultColumn {
  /** The member of a row that it becomes. */
  readonly name: string
  /** Undefined for the value of the document itself. */
  readonly aggregate: AggregateFunction | undefined
  readonly read: (document: QueryDocument) => JsonValue | undefined
}

/** The columns of a query. */
export function resultColumns(collection: Collection, columns: readonly Column[]): readonly ResultColumn[] {
  return columns.map(column => {
    const path: Path | undefined = column.path === undefined ? undefined : resolvePath(collection, column.path)
    return {
      name: columnName(collection, column),
      aggregate: column.kind === 'aggregate' ? column.function : undefined,
      read: document => (path === undefined ? undefined : document.read(path)),
    }
  })
}

/** A row of these members, without those that have no value (wire reference 5.5). */
export function rowOf(members: readonly (readonly [string, JsonValue | undefined])[]): JsonObject {
  const row = new Map<string, JsonValue>()
  for (const [name, value] of members) if (value !== undefined) row.set(name, value)
  return Object.fromEntries(row)
}
