import { printExpression, printName, printPath } from './print-expression.ts'
import type { Column, Query } from './query.ts'

/** The text of a query in one spelling; parsed, it is the same query. */
export function printQuery({ columns, top, collection, where, groupBy }: Query): string {
  return [
    'SELECT',
    ...(top === undefined ? [] : [`TOP ${top}`]),
    columns?.map(printColumn).join(', ') ?? '*',
    `FROM ${collection}`,
    ...(where === undefined ? [] : [`WHERE ${printExpression(where)}`]),
    ...(groupBy.length === 0 ? [] : [`GROUP BY ${groupBy.map(printPath).join(', ')}`]),
  ].join(' ')
}

function printColumn(column: Column): string {
  const alias = column.alias === undefined ? '' : ` AS ${printName(column.alias)}`
  if (column.kind === 'path') return `${printPath(column.path)}${alias}`
  return `${column.function}(${column.path === undefined ? '' : printPath(column.path)})${alias}`
}
