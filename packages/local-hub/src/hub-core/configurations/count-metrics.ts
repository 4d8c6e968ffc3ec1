import type { QuerySource } from '../query/query-source.ts'
import { countRows } from '../query/run-query.ts'
import { parseQuery } from '../query/syntax/query-parser.ts'
import type { MetricResults } from './metric-results.ts'

/** The queries of a configuration, by the names of the metrics. */
export type MetricQueries = Readonly<Record<keyof MetricResults, Readonly<Record<string, string>>>>

/** Runs the queries of a configuration, as valid as when they were written. An empty query counts nothing. */
export function countMetrics({ system, custom }: MetricQueries, source: QuerySource): MetricResults {
  const countAll = (queries: Readonly<Record<string, string>>): Readonly<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(queries).map(([name, query]) => [name, query === '' ? 0 : countRows(parseQuery(query), source)]),
    )
  return { system: countAll(system), custom: countAll(custom) }
}
