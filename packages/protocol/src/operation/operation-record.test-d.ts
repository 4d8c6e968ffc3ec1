import { expectTypeOf, it } from 'vitest'
import type { JsonValue } from '../json/json-value.ts'
import type { OperationRecord } from './operation-record.ts'
import { isTerminalState, type OperationState, type TerminalState } from './operation-state.ts'

it('a record can be narrowed to what its action says', () => {
  type Record = OperationRecord<{ offset: number }, 'warming', 'sensorFault'>
  expectTypeOf<Record['status']>().toEqualTypeOf<'warming' | OperationState>()
  expectTypeOf<Record['result']>().toEqualTypeOf<{ offset: number } | undefined>()
  expectTypeOf<NonNullable<Record['error']>['code']>().toEqualTypeOf<'sensorFault'>()
  expectTypeOf<OperationRecord['result']>().toEqualTypeOf<JsonValue | undefined>()
})

it('isTerminalState narrows', () => {
  const state = 'running' as OperationState
  if (isTerminalState(state)) expectTypeOf(state).toEqualTypeOf<TerminalState>()
  else expectTypeOf(state).toEqualTypeOf<Exclude<OperationState, TerminalState>>()
})
