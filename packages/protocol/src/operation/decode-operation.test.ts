import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRecord } from '../../test/arbitrary-record.ts'
import { decodeOperationError, decodeOperationRecord } from './decode-operation.ts'
import { encodeOperationSection } from './reported-section.ts'

describe('decodeOperationRecord', () => {
  it('reads back what was encoded', () => {
    fc.assert(
      fc.property(arbitraryRecord, record => {
        const section: unknown = JSON.parse(JSON.stringify(encodeOperationSection(record, undefined)))
        expect(decodeOperationRecord(section)).toEqual(record)
      }),
    )
  })

  it('gives a plain default to what an older device left out', () => {
    expect(decodeOperationRecord({ operationId: 'op-1', state: 'running' })).toEqual({
      operationId: 'op-1',
      state: 'running',
      status: 'running',
      attempt: 1,
      acceptedTime: '',
      updatedTime: '',
    })
    const updatedTime = '2027-01-31T12:00:00.000Z'
    expect(decodeOperationRecord({ operationId: 'op-1', state: 'running', updatedTime })).toMatchObject({
      acceptedTime: updatedTime,
      updatedTime,
    })
  })

  it('passes over what it does not know, and what has the wrong type', () => {
    const section = {
      operationId: 'op-1',
      state: 'running',
      status: 5,
      percent: 'half',
      attempt: -1,
      detail: {},
      acceptedTime: 1,
      startedTime: null,
      finishedTime: [],
      result: null,
      error: null,
      queued: 'op-2',
      somethingNew: true,
    }
    expect(decodeOperationRecord(section)).toEqual(decodeOperationRecord({ operationId: 'op-1', state: 'running' }))
    expect(decodeOperationRecord({ ...section, percent: 101 })).not.toHaveProperty('percent')
    expect(decodeOperationRecord({ ...section, attempt: 1.5 })?.attempt).toBe(1)
  })

  it.each([
    undefined,
    null,
    'running',
    [],
    {},
    { operationId: 'op-1' },
    { state: 'running' },
    { operationId: '', state: 'running' },
    { operationId: 'op-1', state: 'toString' },
    { lastReboot: '2017-01-01T00:00:00.000Z' },
  ])('knows that %j is no record', section => {
    expect(decodeOperationRecord(section)).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, error) => {
        decodeOperationRecord(value)
        decodeOperationRecord({ operationId: 'op-1', state: 'failed', result: value, error })
      }),
    )
  })
})

describe('decodeOperationError', () => {
  it.each([
    [
      { code: 'sensorFault', message: 'silent', retryable: true },
      { code: 'sensorFault', message: 'silent', retryable: true },
    ],
    [{ code: 5 }, { code: 'Unknown', message: '', retryable: false }],
    ['it broke', { code: 'Unknown', message: 'it broke', retryable: false }],
    [[1, 2], { code: 'Unknown', message: '[1,2]', retryable: false }],
  ])('reads %j', (value, error) => {
    expect(decodeOperationError(value)).toEqual(error)
  })
})
