import { describe, expect, it } from 'vitest'
import type { PublishedReport } from '../../contract/action.ts'
import type { JsonObject } from '../../json/json-value.ts'
import { decodeReportedOperation } from '../../operation/decode-reported.ts'
import { firmwareUpdate } from './firmware-update.ts'

const started = '2018-06-20T12:00:00.000Z'
const finished = '2018-06-20T12:02:00.000Z'

function reportOf(reported: JsonObject) {
  return decodeReportedOperation('firmwareUpdate', firmwareUpdate, reported)
}

describe('automatic device management: reported.firmware', () => {
  const section = {
    currentFwVersion: '1.0.0',
    pendingFwVersion: '2.8.5',
    fwUpdateStatus: 'current',
    fwUpdateSubstatus: '',
    lastFwUpdateStartTime: started,
    lastFwUpdateEndTime: '',
  }
  const report = { variant: 'automatic-device-management', version: '1.0.0', startedTime: started }

  it.each<[JsonObject, Omit<PublishedReport, 'variant'>]>([
    [
      { pendingFwVersion: '', lastFwUpdateStartTime: '' },
      { status: 'current', version: '1.0.0' },
    ],
    [
      { fwUpdateSubstatus: 'Firmware already up to date' },
      { ...report, status: 'current', detail: 'Firmware already up to date' },
    ],
    [
      { fwUpdateStatus: 'error', fwUpdateSubstatus: 'Insecure package URI' },
      { ...report, status: 'error', detail: 'Insecure package URI' },
    ],
    ...(['downloading', 'verifying', 'applying', 'rebooting'] as const).map(
      (word): [JsonObject, Omit<PublishedReport, 'variant'>] => [
        { fwUpdateStatus: word, fwUpdateSubstatus: `Start ${word}`, lastFwUpdateEndTime: finished },
        { ...report, status: word, detail: `Start ${word}` },
      ],
    ),
    [
      { fwUpdateStatus: 'rolledback', fwUpdateSubstatus: 'Rolled back to: 1.0.0' },
      { ...report, status: 'rolledback', detail: 'Rolled back to: 1.0.0' },
    ],
    [
      { currentFwVersion: '2.8.5', pendingFwVersion: '', lastFwUpdateEndTime: finished },
      { ...report, status: 'current', version: '2.8.5', finishedTime: finished },
    ],
    [{ fwUpdateStatus: 'a word of their own' }, { ...report, status: 'a word of their own' }],
  ])('%j', (changes, expected) => {
    const read = reportOf({ firmware: { ...section, ...changes } })
    expect(read).toEqual({ kind: 'published', report: { ...expected, variant: report.variant } })
  })
})

describe('the tutorial of 2017: reported.iothubDM.firmwareUpdate', () => {
  const section = { fwPackageUri: 'https://secureurl', startedWaitingTime: started, error: null }

  it.each<[JsonObject, Omit<PublishedReport, 'variant'>]>([
    [{ status: 'waiting' }, { status: 'current', detail: 'waiting' }],
    [{ status: 'downloading' }, { status: 'downloading', detail: 'downloading' }],
    [
      { status: 'downloadComplete', downloadCompleteTime: finished },
      { status: 'downloading', detail: 'downloadComplete' },
    ],
    [
      { status: 'downloadfailed', error: { code: 'E404', message: 'not found' } },
      { status: 'error', detail: 'not found' },
    ],
    [
      { status: 'downloadFailed', error: { code: 'E404' } },
      { status: 'error', detail: 'E404' },
    ],
    [
      { status: 'applying', lastFirmwareUpdate: finished },
      { status: 'applying', detail: 'applying' },
    ],
    [
      { status: 'applyComplete', lastFirmwareUpdate: finished },
      { status: 'current', detail: 'applyComplete', finishedTime: finished },
    ],
    [{ status: 'applyFailed' }, { status: 'error', detail: 'applyFailed' }],
  ])('%j', (changes, expected) => {
    const read = reportOf({ iothubDM: { firmwareUpdate: { ...section, ...changes } } })
    expect(read).toEqual({ kind: 'published', report: { ...expected, variant: 'tutorial-2017', startedTime: started } })
  })
})

describe('the samples of the Node SDK: reported.iothubDM.firmwareUpdate', () => {
  it.each<[JsonObject, Omit<PublishedReport, 'variant'>]>([
    [
      { status: 'downloading', startedDownloadingTime: started },
      { status: 'downloading', startedTime: started },
    ],
    [{ status: 'download complete', downloadCompleteTime: finished }, { status: 'downloading' }],
    [{ status: 'Download image failed' }, { status: 'error' }],
    [
      { status: 'applying', startedDownloadingTime: started },
      { status: 'applying', startedTime: started },
    ],
    [
      { status: 'apply firmware image complete', startedApplyingImage: started, lastFirmwareUpdate: finished },
      { status: 'current', startedTime: started, finishedTime: finished },
    ],
    [{ status: 'Apply image failed' }, { status: 'error' }],
  ])('%j', (section, expected) => {
    const read = reportOf({ iothubDM: { firmwareUpdate: section } })
    expect(read).toEqual({
      kind: 'published',
      report: { ...expected, variant: 'node-sample', detail: section.status },
    })
  })
})

it.each<JsonObject>([
  {},
  { firmware: null },
  { firmware: {} },
  { firmware: { version: '1.0.0' } }, // somebody's own section
  { iothubDM: { reboot: { status: 'downloading' } } },
  { iothubDM: { firmwareUpdate: {} } },
])('nothing is told by %j', reported => {
  expect(reportOf(reported)).toBeUndefined()
})

it('a record of this library counts more than the documented section beside it', () => {
  const record = {
    operationId: 'op-1',
    state: 'running',
    status: 'downloading',
    attempt: 1,
    acceptedTime: started,
    updatedTime: started,
  }
  const reported = { iothubDM: { firmwareUpdate: record }, firmware: { fwUpdateStatus: 'downloading' } }
  expect(reportOf(reported)).toEqual({ kind: 'operation', record })
})
