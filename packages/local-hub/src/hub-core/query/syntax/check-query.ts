import { QueryError } from '../query-error.ts'
import { columnName } from './column-name.ts'
import { pathsIn } from './paths-in.ts'
import type { Query } from './query.ts'
import { resolvePath } from './resolve-path.ts'

/**
 * Checks what the grammar cannot say (wire reference 5.5).
 *
 * @param position where the select list starts.
 * @throws QueryError when a query cannot be answered.
 */
export function checkQuery(query: Query, position: number): void {
  const problem = query.collection === 'devices.jobs' ? jobProblem(query) : columnProblem(query)
  if (problem !== undefined) throw new QueryError(problem, position)
}

function jobProblem({ columns, groupBy, where }: Query): string | undefined {
  if (columns !== undefined || groupBy.length > 0) return 'a query on devices.jobs can only SELECT *'
  const roots = (where === undefined ? [] : pathsIn('devices.jobs', where)).map(([root]) => root?.toLowerCase())
  const twinRoot = roots.find(root => root === 'tags' || root === 'properties')
  return twinRoot === undefined ? undefined : `a query on devices.jobs cannot refer to ${twinRoot}`
}

function columnProblem({ columns, groupBy, collection }: Query): string | undefined {
  if (columns === undefined) return groupBy.length > 0 ? 'SELECT * cannot be grouped' : undefined
  const names = columns.map(column => columnName(collection, column))
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) return `two columns are named '${repeated}' (give one of them an alias)`
  if (groupBy.length === 0 && columns.every(column => column.kind === 'path')) return undefined
  const textOf = (path: Query['groupBy'][number]): string => JSON.stringify(resolvePath(collection, path))
  const grouped = new Set(groupBy.map(textOf))
  const loose = columns.find(column => column.kind === 'path' && !grouped.has(textOf(column.path)))
  return loose?.kind === 'path' ? `'${loose.path.segments.join('.')}' is neither grouped nor aggregated` : undefined
}
