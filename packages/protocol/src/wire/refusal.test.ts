import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operationState } from '../operation/operation-state.ts'
import { decodeRefusal, encodeRefusal, type RefusalCode, refusalStatus } from './refusal.ts'
import { responseStatus } from './response-status.ts'

const codes: readonly RefusalCode[] = [
  'InvalidPayload',
  'MethodNotFound',
  'OperationNotFound',
  'Busy',
  'OperationConflict',
  'NotCancellable',
  'Expired',
  'NotArmed',
  'TooManyFailures',
  'TooManyRequests',
  'HandlerFailed',
  'HandlerTimeout',
  'NotReady',
  'PersistenceFailed',
  'ResponseTooLarge',
]

describe('a refusal', () => {
  it('is read back as it was', () => {
    const refusal = fc.record(
      {
        code: fc.constantFrom(...codes),
        message: fc.string(),
        issues: fc.array(
          fc.record({ path: fc.array(fc.oneof(fc.string(), fc.nat()), { maxLength: 4 }), message: fc.string() }),
          { maxLength: 10 },
        ),
        operation: fc.record({
          action: fc.string(),
          operationId: fc.string(),
          state: fc.constantFrom(...Object.values(operationState)),
        }),
      },
      { requiredKeys: ['code', 'message'] },
    )
    fc.assert(
      fc.property(refusal, any => {
        const { status, payload } = encodeRefusal(any)
        expect(status).toBe(refusalStatus[any.code])
        expect(decodeRefusal(JSON.parse(JSON.stringify(payload)))).toEqual(any)
      }),
    )
  })

  it('holds at most ten issues, on either side', () => {
    const issues = Array.from({ length: 50 }, (_, index) => ({ path: [index], message: 'is wrong' }))
    const { payload } = encodeRefusal({ code: 'InvalidPayload', message: 'the payload is invalid', issues })
    expect(payload).toMatchObject({ error: { issues: issues.slice(0, 10) } })
    expect(decodeRefusal({ error: { code: 'InvalidPayload', message: '', issues } }).issues).toEqual(
      issues.slice(0, 10),
    )
  })

  it('has a status of the documented ones', () => {
    expect(Object.keys(refusalStatus).toSorted()).toEqual(codes.toSorted())
    expect(Object.values(responseStatus)).toEqual(expect.arrayContaining(Object.values(refusalStatus)))
  })
})

describe('decodeRefusal', () => {
  it.each([
    undefined,
    null,
    '',
    5,
    [],
    {},
    { error: null },
    { error: 'x' },
    { error: [] },
    { Response: 'Unknown method' },
  ])('finds no reason in %j', payload => {
    expect(decodeRefusal(payload)).toEqual({ code: 'Unknown', message: 'the device gave no reason' })
  })

  it('takes a text for the reason', () => {
    expect(decodeRefusal('Not defined direct method reboot')).toEqual({
      code: 'Unknown',
      message: 'Not defined direct method reboot',
    })
  })

  it('keeps a code that it does not know', () => {
    expect(decodeRefusal({ error: { code: 'BatteryLow', message: '3 %' } })).toEqual({
      code: 'BatteryLow',
      message: '3 %',
    })
  })

  it('passes over what has the wrong type', () => {
    const error = {
      code: 4,
      message: {},
      issues: [null, 'x', {}, { message: 'no path' }, { path: ['a', {}, 1, null], message: 'odd path' }],
      operation: { action: 'reboot', operationId: 'op-1', state: 'rebooting' },
    }
    expect(decodeRefusal({ error })).toEqual({
      code: 'Unknown',
      message: 'the device gave no reason',
      issues: [
        { path: [], message: 'no path' },
        { path: ['a', 1], message: 'odd path' },
      ],
    })
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), error => void [decodeRefusal(error), decodeRefusal({ error })]))
  })
})
