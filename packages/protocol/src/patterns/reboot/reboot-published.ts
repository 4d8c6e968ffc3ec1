import type { PublishedReport } from '../../contract/action.ts'
import { isJsonObject, type JsonObject } from '../../json/json-value.ts'
import type { OperationRecord } from '../../operation/operation-record.ts'
import { operationSection } from '../../operation/reported-section.ts'

/**
 * The documented leaves of `iothubDM.reboot`. The published samples disagree on what `lastReboot` means; here it is the time of the
 * last restart that was proven, and `startedRebootTime` the time at which the last reboot began.
 */
export function rebootLeaves(record: OperationRecord): JsonObject {
  return {
    ...(record.startedTime === undefined ? {} : { startedRebootTime: record.startedTime }),
    ...(record.state === 'succeeded' ? { lastReboot: record.finishedTime } : {}),
  }
}

/**
 * Every shape in which Microsoft's pages and samples report a reboot (device management get started, by language; the
 * samples of the Node SDK; the Azure Sphere unit of Microsoft Learn).
 */
export function decodePublishedReboot(reported: JsonObject): PublishedReport | undefined {
  const section = operationSection(reported, 'reboot')
  // Node tutorial and .NET: written right after the answer, before the restart.
  if (typeof section.lastReboot === 'string') {
    const startedTime = typeof section.startedRebootTime === 'string' ? section.startedRebootTime : section.lastReboot
    return { variant: 'node-tutorial', startedTime }
  }
  // Sample of the Node SDK: the same moment under another name.
  if (typeof section.startedRebootTime === 'string') {
    return { variant: 'node-sample', startedTime: section.startedRebootTime }
  }
  // Java, Python and Azure Sphere: at the root, written after the restart.
  for (const [variant, leaf] of finishedLeaves) {
    const value = Object.hasOwn(reported, leaf) ? reported[leaf] : undefined
    const time = isJsonObject(value) ? value.value : value // Plug and Play wraps a writable property
    if (typeof time === 'string') return { variant, finishedTime: time }
  }
  return undefined
}

const finishedLeaves = [
  ['java', 'lastReboot'],
  ['python', 'rebootTime'],
  ['azure-sphere', 'ReportedRestartUTC'],
] as const
