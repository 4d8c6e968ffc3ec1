import type { JsonValue } from '../../json/json.ts'
import type { AggregateFunction } from '../syntax/query.ts'

/** Takes the values of a group one by one. */
export interface Aggregate {
  add(value: JsonValue | undefined): void
  /** What came of them; undefined when there was nothing to make it of. */
  result(): JsonValue | undefined
}

/**
 * Starts an aggregate. `COUNT` counts rows; `SUM` and `AVG` take the numbers and pass over everything else, `MIN` and `MAX` the numbers
 * and strings, with every number before every string.
 */
export function startAggregate(name: AggregateFunction): Aggregate {
  switch (name) {
    case 'COUNT':
      return fold<number>(0, count => count + 1)
    case 'SUM':
      return fold<number | undefined>(undefined, (sum, value) => (typeof value === 'number' ? (sum ?? 0) + value : sum))
    case 'AVG':
      return average()
    case 'MIN':
      return extreme((candidate, best) => comesBefore(candidate, best))
    case 'MAX':
      return extreme((candidate, best) => comesBefore(best, candidate))
  }
}

function fold<TState extends JsonValue | undefined>(
  initial: TState,
  step: (state: TState, value: JsonValue | undefined) => TState,
): Aggregate {
  let state = initial
  return {
    add: value => {
      state = step(state, value)
    },
    result: () => state,
  }
}

function average(): Aggregate {
  let sum = 0
  let count = 0
  return {
    add: value => {
      if (typeof value !== 'number') return
      sum += value
      count += 1
    },
    result: () => (count === 0 ? undefined : sum / count),
  }
}

type Ordered = string | number

function extreme(isBetter: (candidate: Ordered, best: Ordered) => boolean): Aggregate {
  return fold<Ordered | undefined>(undefined, (best, value) => {
    if (typeof value !== 'number' && typeof value !== 'string') return best
    return best === undefined || isBetter(value, best) ? value : best
  })
}

function comesBefore(first: Ordered, second: Ordered): boolean {
  if (typeof first === 'number' && typeof second === 'number') return first < second
  if (typeof first === 'string' && typeof second === 'string') return first < second
  return typeof first === 'number' && typeof second === 'string'
}
