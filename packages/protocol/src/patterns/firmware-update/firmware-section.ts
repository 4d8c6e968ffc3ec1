import type { DocumentedState } from '../../contract/action.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'
import type { OperationRecord } from '../../operation/operation-record.ts'
import { isTerminalState } from '../../operation/operation-state.ts'
import { insecureUrlMessage } from './firmware-url.ts'
import { readUnverified } from './signed-document.ts'

/** The words of `fwUpdateStatus` (firmware update tutorial of automatic device management). */
export const firmwareStatuses = [
  'current',
  'downloading',
  'verifying',
  'applying',
  'rebooting',
  'error',
  'rolledback',
] as const

/** A word of {@link firmwareStatuses}. */
export type FirmwareStatus = (typeof firmwareStatuses)[number]

/** The phases of the action: the documented words, and `confirming` for the health check, which documents do not know. */
export const firmwarePhases = [
  'downloading',
  'verifying',
  'applying',
  'rebooting',
  'confirming',
  'error',
  'rolledback',
] as const

/**
 * The documented section `firmware` of the reported properties: six texts, empty where there is nothing to say. A member that
 * is left out stays as the hub has it.
 */
export function firmwareSection({ record, request, facts }: DocumentedState): JsonObject {
  const currentFwVersion = typeof facts.currentVersion === 'string' ? facts.currentVersion : undefined
  const section = record === undefined ? beforeTheFirst : duringOrAfter(record, request, currentFwVersion)
  return currentFwVersion === undefined ? section : { currentFwVersion, ...section }
}

const beforeTheFirst: JsonObject = {
  pendingFwVersion: '',
  fwUpdateStatus: 'current',
  fwUpdateSubstatus: '',
  lastFwUpdateStartTime: '',
  lastFwUpdateEndTime: '',
}

function duringOrAfter(record: OperationRecord, request: JsonValue, currentVersion: string | undefined): JsonObject {
  const [fwUpdateStatus, fwUpdateSubstatus] = statusOf(record, currentVersion)
  const status = { fwUpdateStatus, fwUpdateSubstatus }
  if (record.state === 'succeeded') {
    // Nothing was done for a version that ran already.
    const updated = isJsonObject(record.result) && record.result.outcome === 'updated'
    return { ...status, pendingFwVersion: '', ...(updated ? { lastFwUpdateEndTime: record.finishedTime } : {}) }
  }
  // As documented: what was pending stays, so that one sees what has failed.
  if (record.state === 'failed') return status
  if (isTerminalState(record.state)) return { ...status, pendingFwVersion: '' }
  return {
    ...status,
    pendingFwVersion: wantedVersion(request),
    ...(record.startedTime === undefined ? {} : { lastFwUpdateStartTime: record.startedTime }),
  }
}

function statusOf(record: OperationRecord, currentVersion = 'the version before'): readonly [FirmwareStatus, string] {
  const { state, status, detail = '', error } = record
  switch (state) {
    case 'accepted':
    case 'waiting':
      return ['current', detail]
    case 'running':
    case 'restarting':
      return runningStatusOf(status, record)
    case 'succeeded':
      return isJsonObject(record.result) && record.result.outcome === 'alreadyCurrent'
        ? ['current', 'Firmware already up to date']
        : ['current', '']
    case 'failed':
    case 'rejected': {
      const message = error?.message ?? ''
      if (message.includes(insecureUrlMessage)) return ['error', 'Insecure package URI']
      return status === 'rolledback' ? [status, `Rolled back to: ${currentVersion}. ${message}`] : ['error', message]
    }
    case 'cancelled':
    case 'expired':
      return ['current', error?.message ?? `The update was ${state}`]
  }
}

/** The phases in which an image is worked on, in the words of the tutorial. */
const work = {
  downloading: 'downloading',
  verifying: 'verifying download',
  applying: 'applying image',
} as const

function runningStatusOf(phase: string, { percent = 0, detail }: OperationRecord): readonly [FirmwareStatus, string] {
  switch (phase) {
    case 'downloading':
    case 'verifying':
    case 'applying':
      if (percent === 100) return [phase, `Finished ${work[phase]}`]
      return [phase, detail ?? (percent === 0 ? `Start ${work[phase]}` : `${Math.floor(percent)} %`)]
    case 'rebooting':
      return [phase, 'Start reboot']
    case 'confirming':
      return ['rebooting', 'Finished reboot']
    case 'error':
    case 'rolledback':
      return [phase, detail ?? '']
    default:
      return ['current', detail ?? '']
  }
}

/** The version that the request asks for, for showing it: its signature was not looked at. */
function wantedVersion(request: JsonValue): string {
  if (!isJsonObject(request)) return ''
  const { fwVersion, manifest } = request
  if (typeof fwVersion === 'string') return fwVersion
  const document = isJsonObject(manifest) ? manifest.document : undefined
  const signed = typeof manifest === 'string' ? readUnverified(manifest) : document
  try {
    const parsed: unknown = typeof signed === 'string' ? JSON.parse(signed) : undefined
    return isJsonObject(parsed) && typeof parsed.version === 'string' ? parsed.version.slice(0, 64) : ''
  } catch {
    return ''
  }
}

/** The most that {@link firmwareSection} takes, as the hub counts: names, two versions, a status, a detail, two times. */
export const firmwareSectionSize: number =
  'firmwarecurrentFwVersionpendingFwVersionfwUpdateStatusfwUpdateSubstatuslastFwUpdateStartTimelastFwUpdateEndTime'
    .length +
  2 * 64 +
  'downloading'.length +
  'Rolled back to: . '.length +
  64 +
  128 +
  2 * '2027-01-31T12:00:00.000Z'.length

/** Beside the record in `iothubDM.firmwareUpdate`: the last update that has succeeded (firmware update tutorial of 2017). */
export function firmwareUpdateLeaves(record: OperationRecord): JsonObject {
  const updated = record.state === 'succeeded' && isJsonObject(record.result) && record.result.outcome === 'updated'
  return updated ? { lastFirmwareUpdate: record.finishedTime } : {}
}
