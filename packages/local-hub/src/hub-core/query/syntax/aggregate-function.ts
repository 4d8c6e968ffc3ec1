import type { AggregateFunction } from './query.ts'

const aggregateFunctions: ReadonlyMap<string, AggregateFunction> = new Map([
  ['COUNT', 'COUNT'],
  ['SUM', 'SUM'],
  ['AVG', 'AVG'],
  ['MIN', 'MIN'],
  ['MAX', 'MAX'],
])

/** The aggregate of a name, in whatever case. */
export function aggregateFunctionOf(name: string): AggregateFunction | undefined {
  return aggregateFunctions.get(name.toUpperCase())
}
