import type { PublishedReport } from '../../contract/action.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'
import { operationSection } from '../../operation/reported-section.ts'
import { type FirmwareStatus, firmwareStatuses } from './firmware-section.ts'

/**
 * Every shape in which Microsoft's pages and samples report a firmware update: the section `firmware` of automatic device management, and
 * `iothubDM.firmwareUpdate` of the tutorial of 2017 and of the samples of the Node SDK, which write the same words differently. `status`
 * is in the words of the first, `detail` is what the device wrote.
 */
export function decodePublishedFirmwareUpdate(reported: JsonObject): PublishedReport | undefined {
  const { firmware } = reported
  if (isJsonObject(firmware) && text(firmware, 'fwUpdateStatus') !== undefined) return decodeFirmwareSection(firmware)
  const section = operationSection(reported, 'firmwareUpdate')
  const status = text(section, 'status')
  return status === undefined ? undefined : decodeLegacySection(section, status)
}

function decodeFirmwareSection(section: JsonObject): PublishedReport {
  const status = firmwareStatuses.find(word => word === section.fwUpdateStatus)
  return {
    variant: 'automatic-device-management',
    ...member('status', status ?? text(section, 'fwUpdateStatus')),
    ...member('detail', text(section, 'fwUpdateSubstatus')),
    ...member('version', text(section, 'currentFwVersion')),
    ...member('startedTime', text(section, 'lastFwUpdateStartTime')),
    // What an update before left behind is no end of one that runs.
    ...(status === 'current' ? member('finishedTime', text(section, 'lastFwUpdateEndTime')) : {}),
  }
}

/** The words of the tutorial of 2017, and in the second column those of the samples of the Node SDK. */
const legacyWords: readonly (readonly [tutorial: string, sample: string | undefined, FirmwareStatus])[] = [
  ['waiting', undefined, 'current'],
  ['downloading', undefined, 'downloading'],
  ['downloadComplete', 'download complete', 'downloading'],
  ['downloadFailed', 'Download image failed', 'error'],
  ['applying', undefined, 'applying'],
  ['applyComplete', 'apply firmware image complete', 'current'],
  ['applyFailed', 'Apply image failed', 'error'],
]

function decodeLegacySection(section: JsonObject, status: string): PublishedReport {
  // The tutorial's text writes downloadFailed, its code downloadfailed.
  const known = legacyWords.find(
    ([tutorial, sample]) => sample === status || tutorial.toLowerCase() === status.toLowerCase(),
  )
  const isSample = known?.[1] === status || text(section, 'startedDownloadingTime') !== undefined
  const startedTime =
    text(section, 'startedWaitingTime') ??
    text(section, 'startedDownloadingTime') ??
    text(section, 'startedApplyingImage')
  const finished = known?.[0] === 'applyComplete'
  return {
    variant: isSample ? 'node-sample' : 'tutorial-2017',
    status: known?.[2] ?? status,
    detail: errorText(section.error) ?? status,
    ...member('startedTime', startedTime),
    ...(finished ? member('finishedTime', text(section, 'lastFirmwareUpdate')) : {}),
  }
}

function errorText(error: JsonValue | undefined): string | undefined {
  return isJsonObject(error) ? (text(error, 'message') ?? text(error, 'code')) : undefined
}

/** A text that is there and not empty: an empty one stands for none. */
function text(section: JsonObject, key: string): string | undefined {
  const value = section[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function member<TKey extends string>(key: TKey, value: string | undefined): { [K in TKey]?: string } {
  const one: { [K in TKey]?: string } = {}
  if (value !== undefined) one[key] = value
  return one
}
