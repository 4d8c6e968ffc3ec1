import {
  acknowledgementCode,
  decodeReportedConfiguration,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  sameJson,
} from '@iothub-dm/protocol'
import type { DeviceTwin } from '../hub/iot-hub.ts'

/** How far a device is with a configuration. */
export type ConfigurationState =
  /** Nothing is desired, and nothing is reported. */
  | { readonly state: 'unset' }
  /** Nothing is desired; the device uses a value of its own. */
  | { readonly state: 'deviceDefault'; readonly value?: JsonValue }
  /** Desired, and not acknowledged yet, or the device is still at work. */
  | { readonly state: 'pending'; readonly desired: JsonValue; readonly value?: JsonValue }
  /** The desired value is in use. */
  | { readonly state: 'applied'; readonly desired: JsonValue; readonly value?: JsonValue }
  /** The device has not applied the desired value; `ac` is its code, `value` what it uses instead. */
  | {
      readonly state: 'failed'
      readonly desired: JsonValue
      readonly ac?: number
      readonly ad?: string
      readonly value?: JsonValue
    }

/**
 * Reads from a twin how far the device is with a configuration, whatever software it runs.
 *
 * @param sinceVersion the `$version` of the desired properties from which on an acknowledgement counts. The version grows with every
 * write, also of another section, so a device that acknowledged an older one may be done nevertheless
 */
export function readConfigurationState(
  name: string,
  { desired, reported }: Pick<DeviceTwin, 'desired' | 'reported'>,
  sinceVersion: number = 0,
): ConfigurationState {
  const wanted = Object.hasOwn(desired, name) ? desired[name] : undefined
  const report = decodeReportedConfiguration(name, reported)
  if (wanted === undefined) {
    const value = report?.kind === 'acknowledged' ? report.acknowledgement.value : report?.report.value
    return report === undefined ? { state: 'unset' } : { state: 'deviceDefault', ...valueMember(value) }
  }
  if (report === undefined) return { state: 'pending', desired: wanted }
  if (report.kind === 'published') return ofPublished(wanted, report.report, sinceVersion)
  const { ac, av, ad, value } = report.acknowledgement
  const isApplied = ac === acknowledgementCode.applied && sameValue(value, wanted)
  if (isApplied) return { state: 'applied', desired: wanted, ...valueMember(value) }
  const isOld = av < sinceVersion || ac === acknowledgementCode.deviceDefault || ac === acknowledgementCode.applied
  if (isOld || ac === acknowledgementCode.accepted) return { state: 'pending', desired: wanted, ...valueMember(value) }
  return { state: 'failed', desired: wanted, ac, ...(ad === undefined ? {} : { ad }), ...valueMember(value) }
}

function ofPublished(
  desired: JsonValue,
  report: {
    readonly state: 'pending' | 'applied' | 'failed'
    readonly value?: JsonValue
    readonly version?: number
    readonly detail?: string
  },
  sinceVersion: number,
): ConfigurationState {
  const value = valueMember(report.value)
  const isOld = report.version !== undefined && report.version < sinceVersion
  if (report.state === 'applied' && !isOld && (report.value === undefined || sameValue(report.value, desired))) {
    return { state: 'applied', desired, ...value }
  }
  if (report.state !== 'failed' || isOld) return { state: 'pending', desired, ...value }
  return { state: 'failed', desired, ...(report.detail === undefined ? {} : { ad: report.detail }), ...value }
}

/** A device may leave out of its acknowledgement what it does not know. */
function sameValue(value: JsonValue | undefined, desired: JsonValue): boolean {
  return value === undefined || sameJson(withoutMeta(value), withoutMeta(desired))
}

function withoutMeta(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value
  const members: JsonObject = Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('$')))
  return members
}

function valueMember(value: JsonValue | undefined): { readonly value?: JsonValue } {
  return value === undefined ? {} : { value }
}
