import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRecord } from '../../../test/arbitrary-record.ts'
import type { JsonObject, JsonValue } from '../../json/json-value.ts'
import { encodeDocumentedSections } from '../../operation/documented-sections.ts'
import type { OperationRecord } from '../../operation/operation-record.ts'
import { encodeOperationSection } from '../../operation/reported-section.ts'
import { firmwareSection, firmwareSectionSize } from './firmware-section.ts'
import { firmwareUpdate } from './firmware-update.ts'

const time = '2027-01-31T12:00:00.000Z'
const request: JsonValue = { fwVersion: '2.0.0' }
const accepted: OperationRecord = {
  operationId: 'op-1',
  state: 'accepted',
  status: 'accepted',
  attempt: 0,
  acceptedTime: time,
  updatedTime: time,
}
const running: OperationRecord = { ...accepted, state: 'running', status: 'running', attempt: 1, startedTime: time }
const updated: OperationRecord = {
  ...running,
  state: 'succeeded',
  status: 'succeeded',
  finishedTime: '2027-01-31T12:05:00.000Z',
  result: { outcome: 'updated', version: '2.0.0', previousVersion: '1.0.0' },
}
const failed: OperationRecord = {
  ...running,
  state: 'failed',
  status: 'verifying',
  finishedTime: time,
  error: { code: 'DigestMismatch', message: 'the bytes are others', retryable: false },
}

function sectionOf(record: OperationRecord | undefined, asked: JsonValue = request): JsonObject {
  return firmwareSection({ record, request: asked, facts: { currentVersion: '1.0.0' } })
}

describe('the reported section firmware', () => {
  it('has all six texts before the first update', () => {
    expect(sectionOf(undefined)).toEqual({
      currentFwVersion: '1.0.0',
      pendingFwVersion: '',
      fwUpdateStatus: 'current',
      fwUpdateSubstatus: '',
      lastFwUpdateStartTime: '',
      lastFwUpdateEndTime: '',
    })
  })

  // The steps of the firmware update tutorial of automatic device management, in their order.
  it.each<[OperationRecord, string, string]>([
    [accepted, 'current', ''],
    [{ ...accepted, state: 'waiting', detail: 'window opens at 22:00' }, 'current', 'window opens at 22:00'],
    [running, 'current', ''],
    [{ ...running, status: 'downloading' }, 'downloading', 'Start downloading'],
    [{ ...running, status: 'downloading', percent: 42.7 }, 'downloading', '42 %'],
    [{ ...running, status: 'downloading', percent: 42, detail: 'the link expired' }, 'downloading', 'the link expired'],
    [{ ...running, status: 'downloading', percent: 100 }, 'downloading', 'Finished downloading'],
    [{ ...running, status: 'verifying' }, 'verifying', 'Start verifying download'],
    [{ ...running, status: 'verifying', percent: 100 }, 'verifying', 'Finished verifying download'],
    [{ ...running, status: 'applying' }, 'applying', 'Start applying image'],
    [{ ...running, status: 'applying', percent: 100 }, 'applying', 'Finished applying image'],
    [{ ...running, status: 'rebooting' }, 'rebooting', 'Start reboot'],
    [{ ...running, state: 'restarting', status: 'rebooting' }, 'rebooting', 'Start reboot'],
    [{ ...running, status: 'confirming' }, 'rebooting', 'Finished reboot'],
    [{ ...running, status: 'error', detail: 'not healthy' }, 'error', 'not healthy'],
    [{ ...running, status: 'rolledback', detail: 'Rolled back to: 1.0.0' }, 'rolledback', 'Rolled back to: 1.0.0'],
    [updated, 'current', ''],
    [
      { ...updated, result: { outcome: 'alreadyCurrent', version: '2', previousVersion: '2' } },
      'current',
      'Firmware already up to date',
    ],
    [failed, 'error', 'the bytes are others'],
    [{ ...failed, status: 'rolledback' }, 'rolledback', 'Rolled back to: 1.0.0. the bytes are others'],
    [{ ...failed, state: 'rejected' }, 'error', 'the bytes are others'],
    [{ ...running, state: 'cancelled' }, 'current', 'The update was cancelled'],
  ])('says of %j: %s / %s', (record, fwUpdateStatus, fwUpdateSubstatus) => {
    expect(sectionOf(record)).toMatchObject({ currentFwVersion: '1.0.0', fwUpdateStatus, fwUpdateSubstatus })
  })

  it('F14: says as documented that a URL is insecure', () => {
    const error = {
      code: 'InvalidRequest',
      message: 'Invalid URL format.  Must use https:// protocol.',
      retryable: false,
    }
    expect(sectionOf({ ...failed, state: 'rejected', error })).toMatchObject({
      fwUpdateStatus: 'error',
      fwUpdateSubstatus: 'Insecure package URI',
    })
  })

  it.each<[JsonValue, string]>([
    [{ fwVersion: '2.0.0' }, '2.0.0'],
    [{ manifest: { document: '{"version":"2.0.1"}', signatures: ['e30..c2ln'] } }, '2.0.1'],
    [{ manifest: `e30.${Buffer.from('{"version":"2.0.2"}').toString('base64url')}.c2ln` }, '2.0.2'],
    [{ manifest: 'no JWS' }, ''],
    [{ manifest: { document: '{' } }, ''],
    [{}, ''],
    [null, ''],
  ])('names the version that %j asks for', (asked, pendingFwVersion) => {
    expect(sectionOf(running, asked)).toMatchObject({ pendingFwVersion, lastFwUpdateStartTime: time })
  })

  it('has the end time of an update, and nothing pending, once it has succeeded', () => {
    expect(sectionOf(updated, null)).toMatchObject({
      pendingFwVersion: '',
      lastFwUpdateEndTime: '2027-01-31T12:05:00.000Z',
    })
  })

  it('leaves the pending version and the end time alone when an update has failed, as documented', () => {
    expect(Object.keys(sectionOf(failed, null))).toEqual(['currentFwVersion', 'fwUpdateStatus', 'fwUpdateSubstatus'])
  })

  it('is sent as the difference to what the hub has', () => {
    const state = { record: failed, request: null, facts: {} }
    const reported = { firmware: { pendingFwVersion: '2.0.0', fwUpdateStatus: 'verifying', note: 'of somebody else' } }
    expect(encodeDocumentedSections(firmwareUpdate, state, reported)).toEqual({
      firmware: { fwUpdateStatus: 'error', fwUpdateSubstatus: 'the bytes are others' },
    })
    const after = { firmware: { fwUpdateStatus: 'error', fwUpdateSubstatus: 'the bytes are others' } }
    expect(encodeDocumentedSections(firmwareUpdate, state, after)).toBeUndefined()
  })

  it('is never larger than the contract is told', () => {
    fc.assert(
      fc.property(arbitraryRecord, fc.constantFrom('9'.repeat(64), '1'), (record, version) => {
        const state = { record, request: { fwVersion: version }, facts: { currentVersion: version } }
        const section = Object.entries(firmwareSection(state))
        const size = section.reduce(
          (sum, [key, value]) => sum + key.length + JSON.stringify(value).length - 2,
          'firmware'.length,
        )
        expect(size).toBeLessThanOrEqual(firmwareSectionSize)
      }),
    )
  })
})

describe('iothubDM.firmwareUpdate', () => {
  it('tells of the last update that has succeeded', () => {
    const { pattern } = firmwareUpdate
    expect(encodeOperationSection(updated, pattern).lastFirmwareUpdate).toBe('2027-01-31T12:05:00.000Z')
    expect(encodeOperationSection(failed, pattern)).not.toHaveProperty('lastFirmwareUpdate')
    expect(encodeOperationSection(failed, pattern, { lastFirmwareUpdate: time }).lastFirmwareUpdate).toBe(time)
  })
})
