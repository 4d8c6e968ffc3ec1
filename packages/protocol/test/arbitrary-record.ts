import * as fc from 'fast-check'
import type { OperationRecord } from '../src/operation/operation-record.ts'
import { operationState } from '../src/operation/operation-state.ts'

const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map(date => date.toISOString())

/** Any operation record. */
export const arbitraryRecord: fc.Arbitrary<OperationRecord> = fc.record(
  {
    operationId: fc.string({ minLength: 1, maxLength: 64 }),
    state: fc.constantFrom(...Object.values(operationState)),
    status: fc.constantFrom('accepted', 'download', 'verify'),
    percent: fc.integer({ min: 0, max: 100 }),
    detail: fc.string({ maxLength: 128 }),
    attempt: fc.nat({ max: 9 }),
    acceptedTime: time,
    startedTime: time,
    updatedTime: time,
    finishedTime: time,
    result: fc.oneof(
      fc.integer(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.record({ x: fc.integer(), y: fc.string() }, { requiredKeys: [] }),
    ),
    error: fc.record({ code: fc.string(), message: fc.string(), retryable: fc.boolean() }),
    queued: fc.array(fc.string({ minLength: 1, maxLength: 64 }), { maxLength: 3 }),
  },
  { requiredKeys: ['operationId', 'state', 'status', 'attempt', 'acceptedTime', 'updatedTime'] },
)
