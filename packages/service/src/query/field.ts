import type { Contract } from '@iothub-dm/protocol'
import { type Condition, condition } from './condition.ts'
import { literal, type QueryValue } from './literal.ts'

/**
 * Something of a twin that a condition can ask about. Where a device lacks it, no comparison holds, neither `eq` nor `ne`.
 */
export interface Field<TValue extends QueryValue = QueryValue, TContract extends Contract = Contract> {
  /** Where it stands, as IoT Hub's query language has it. */
  readonly path: string
  eq(value: TValue): Condition<TContract>
  ne(value: TValue): Condition<TContract>
  gt(value: TValue): Condition<TContract>
  gte(value: TValue): Condition<TContract>
  lt(value: TValue): Condition<TContract>
  lte(value: TValue): Condition<TContract>
  /** @throws TypeError when there are no values */
  in(values: readonly TValue[]): Condition<TContract>
  /** @throws TypeError when there are no values */
  notIn(values: readonly TValue[]): Condition<TContract>
  startsWith(prefix: string): Condition<TContract>
  endsWith(suffix: string): Condition<TContract>
  /** The device has it, whatever its value. */
  isDefined(): Condition<TContract>
  /** It is a list that has the value. */
  contains(value: TValue): Condition<TContract>
}

/** Makes a field of a path. */
export function field<TValue extends QueryValue, TContract extends Contract>(path: string): Field<TValue, TContract> {
  const compare = (operator: string) => (value: TValue) => condition<TContract>(`${path} ${operator} ${literal(value)}`)
  const call = (name: string) => (value: QueryValue) => condition<TContract>(`${name}(${path}, ${literal(value)})`)
  const choose = (operator: string) => (values: readonly TValue[]) => {
    if (values.length === 0) throw new TypeError(`${path}: expected at least one value to compare with`)
    return condition<TContract>(`${path} ${operator} [${values.map(literal).join(', ')}]`)
  }
  return Object.freeze({
    path,
    eq: compare('='),
    ne: compare('!='),
    gt: compare('>'),
    gte: compare('>='),
    lt: compare('<'),
    lte: compare('<='),
    in: choose('IN'),
    notIn: choose('NIN'),
    startsWith: call('STARTSWITH'),
    endsWith: call('ENDSWITH'),
    isDefined: () => condition<TContract>(`IS_DEFINED(${path})`),
    contains: call('ARRAY_CONTAINS'),
  })
}
