import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRecord } from '../../test/arbitrary-record.ts'
import { action } from '../contract/action.ts'
import type { JsonObject } from '../json/json-value.ts'
import { applyMergePatch } from '../json/merge-patch.ts'
import { reboot } from '../patterns/reboot/reboot.ts'
import { decodeOperationRecord } from './decode-operation.ts'
import type { OperationRecord } from './operation-record.ts'
import { encodeOperationSection, encodeReportedPatch, operationSection } from './reported-section.ts'

const actions = { reboot, calibrate: action() }

const finished: OperationRecord = {
  operationId: 'op-1',
  state: 'succeeded',
  status: 'succeeded',
  percent: 100,
  detail: 'done',
  attempt: 2,
  acceptedTime: '2027-01-31T12:00:00.000Z',
  startedTime: '2027-01-31T12:00:01.000Z',
  updatedTime: '2027-01-31T12:00:30.000Z',
  finishedTime: '2027-01-31T12:00:30.000Z',
  result: { offset: 2, gain: 3 },
}

const accepted: OperationRecord = {
  operationId: 'op-2',
  state: 'accepted',
  status: 'accepted',
  attempt: 0,
  acceptedTime: '2027-02-01T08:00:00.000Z',
  updatedTime: '2027-02-01T08:00:00.000Z',
}

function report(records: Readonly<Record<string, OperationRecord>>, reported: JsonObject = {}): JsonObject {
  return applyMergePatch(reported, encodeReportedPatch(records, actions, reported) ?? {})
}

describe('encodeReportedPatch', () => {
  it('nulls what the operation before left', () => {
    const reported = report({ calibrate: finished })
    expect(encodeReportedPatch({ calibrate: accepted }, actions, reported)).toEqual({
      iothubDM: {
        calibrate: {
          ...accepted,
          percent: null,
          detail: null,
          startedTime: null,
          finishedTime: null,
          result: null,
        },
      },
    })
  })

  it('nulls the members of a result that the next one does not have', () => {
    const reported = report({ calibrate: finished })
    expect(encodeReportedPatch({ calibrate: { ...finished, result: { offset: 4 } } }, actions, reported)).toEqual({
      iothubDM: { calibrate: { result: { offset: 4, gain: null } } },
    })
  })

  it('replaces an error by a result', () => {
    const { result: _result, ...rest } = finished
    const error = { code: 'sensorFault', message: 'silent', retryable: true }
    const reported = report({ calibrate: { ...rest, state: 'failed', error } })
    expect(report({ calibrate: finished }, reported)).toEqual({ iothubDM: { calibrate: finished } })
  })

  it('keeps the documented leaves of an operation before, until it has its own', () => {
    const afterFirst = report({ reboot: finished })
    expect(operationSection(afterFirst, 'reboot')).toMatchObject({
      startedRebootTime: finished.startedTime,
      lastReboot: finished.finishedTime,
    })
    const afterSecond = report({ reboot: accepted }, afterFirst)
    expect(operationSection(afterSecond, 'reboot')).toEqual({
      ...accepted,
      startedRebootTime: finished.startedTime,
      lastReboot: finished.finishedTime,
    })
    const running: OperationRecord = { ...accepted, state: 'running', startedTime: '2027-02-01T08:00:05.000Z' }
    expect(operationSection(report({ reboot: running }, afterSecond), 'reboot')).toMatchObject({
      startedRebootTime: running.startedTime,
      lastReboot: finished.finishedTime,
    })
  })

  it('leaves alone what belongs to others', () => {
    const reported = {
      firmware: { fwUpdateStatus: 'current' },
      iothubDM: { other: { a: 1 }, calibrate: { note: 'b' } },
    }
    expect(report({ calibrate: accepted }, reported)).toEqual({
      firmware: { fwUpdateStatus: 'current' },
      iothubDM: { other: { a: 1 }, calibrate: { note: 'b', ...accepted } },
    })
  })

  it('reports several operations in one patch', () => {
    const patch = encodeReportedPatch({ reboot: accepted, calibrate: accepted }, actions, {})
    expect(patch).toEqual({ iothubDM: { reboot: accepted, calibrate: accepted } })
  })

  it('takes the place of what is no object', () => {
    expect(report({ calibrate: accepted }, { iothubDM: 'garbage' })).toEqual({ iothubDM: { calibrate: accepted } })
    expect(report({ calibrate: accepted }, { iothubDM: { calibrate: [1] } })).toEqual({
      iothubDM: { calibrate: accepted },
    })
  })

  it('has nothing to say when the hub has everything', () => {
    expect(encodeReportedPatch({}, actions, {})).toBeUndefined()
    fc.assert(
      fc.property(arbitraryRecord, arbitraryRecord, (first, second) => {
        const before = report({ reboot: first })
        const after = report({ reboot: second }, before)
        expect(decodeOperationRecord(operationSection(after, 'reboot'))).toEqual(second)
        expect(encodeReportedPatch({ reboot: second }, actions, after)).toBeUndefined()
      }),
    )
  })
})

it('encodeOperationSection writes a record without a pattern as it is', () => {
  expect(encodeOperationSection(finished, undefined)).toEqual(finished)
})

describe('operationSection', () => {
  it.each([{}, { iothubDM: null }, { iothubDM: 1 }, { iothubDM: {} }, { iothubDM: { reboot: 'x' } }])(
    'of %j is empty',
    reported => {
      expect(operationSection(reported, 'reboot')).toEqual({})
    },
  )

  it('never reaches the prototype', () => {
    expect(operationSection({}, 'constructor')).toEqual({})
    expect(operationSection({ iothubDM: {} }, '__proto__')).toEqual({})
  })
})
