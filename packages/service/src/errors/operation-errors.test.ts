import { describe, expect, it } from 'vitest'
import { recordOf } from '../../test/reporting.ts'
import { isOperationFailedError, OperationFailedError, OperationNotFoundError } from './operation-errors.ts'
import { isOutcomeUnknownError, OutcomeUnknownError } from './request-errors.ts'

function handleOf(operationId: string) {
  return { record: recordOf({ operationId, state: 'running' }) }
}

describe('OperationFailedError', () => {
  const error = { code: 'sensorFault', message: 'no value', retryable: true }

  it.each([
    [recordOf({ operationId: 'op-1', state: 'failed', error }), "operation 'op-1' failed: sensorFault, no value"],
    [
      recordOf({ operationId: 'op-1', state: 'rejected', error }),
      "operation 'op-1' was rejected: sensorFault, no value",
    ],
    [recordOf({ operationId: 'op-1', state: 'cancelled' }), "operation 'op-1' was cancelled"],
    [recordOf({ operationId: 'op-1', state: 'expired' }), "operation 'op-1' expired"],
  ])('says how it ended: $state', (record, message) => {
    expect(new OperationFailedError(record)).toMatchObject({
      message,
      record,
      code: 'OperationFailed',
      retryable: record.error !== undefined,
    })
  })

  it('is known by its guard, and by the operation that failed', () => {
    const failure: unknown = new OperationFailedError(recordOf({ operationId: 'op-1', state: 'failed', error }))
    expect(isOperationFailedError(failure)).toBe(true)
    expect(isOperationFailedError(failure, handleOf('op-1'))).toBe(true)
    expect(isOperationFailedError(failure, handleOf('op-2'))).toBe(false)
    expect(isOperationFailedError(new OperationNotFoundError('cam-1', 'op-1', undefined))).toBe(false)
  })
})

it('an operation that was not found tells which one is there instead', () => {
  expect(new OperationNotFoundError('cam-1', 'op-1', 'op-2').message).toBe(
    "device 'cam-1' reports no operation 'op-1', its newest is 'op-2'",
  )
  expect(new OperationNotFoundError('cam-1', 'op-1', undefined).message).toBe(
    "device 'cam-1' reports no operation 'op-1', its newest is none",
  )
})

it('isOutcomeUnknownError gives access to the id with which to begin again', () => {
  const error: unknown = new OutcomeUnknownError('op-1', new Error('reset'))
  expect(isOutcomeUnknownError(error) && error.operationId).toBe('op-1')
  expect(isOutcomeUnknownError(new Error('reset'))).toBe(false)
})
