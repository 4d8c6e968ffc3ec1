import type { Collection, Column } from './query.ts'
import { resolvePath } from './resolve-path.ts'

/**
 * The member of a result row that a column becomes: its alias, or the last segment of its path. An aggregate without alias takes
 * the name of its function in lower case (wire reference 5.5, 12 no. 11).
 */
export function columnName(collection: Collection, column: Column): string {
  if (column.alias !== undefined) return column.alias
  if (column.kind === 'aggregate') return column.function.toLowerCase()
  return resolvePath(collection, column.path).at(-1) ?? ''
}
