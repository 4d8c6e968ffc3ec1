import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import { JobDeviceError } from '../errors/job-errors.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'

/** What became of a job on one device. */
export type DeviceJobOutcome<TResponse = unknown> =
  /** Not there yet. */
  | { readonly deviceId: string; readonly state: 'pending' | 'running' | 'cancelled' }
  /** Done; `response` is what the device answered, as the contract has it. */
  | { readonly deviceId: string; readonly state: 'succeeded'; readonly response: TResponse }
  /**
   * Failed: `error` is a `RefusedError` when the device refused, an `InvalidResponseError` when its answer is not of the contract, and a
   * `JobDeviceError` when the hub did not get through to it.
   */
  | { readonly deviceId: string; readonly state: 'failed'; readonly error: unknown }

/** Takes what a device has answered, or throws because it refused; undefined where nothing is answered. */
export type DecodeAnswer = ((answer: MethodResponse) => unknown) | undefined

/**
 * Reads a row of a query over `devices.jobs` (wire reference 7.5).
 *
 * @returns undefined when it is none
 */
export function readDeviceJob(row: JsonObject, decode: DecodeAnswer): DeviceJobOutcome | undefined {
  const { deviceId, status, outcome, error } = row
  if (typeof deviceId !== 'string') return undefined
  switch (status) {
    case 'completed':
      return readAnswer(deviceId, isJsonObject(outcome) ? outcome.deviceMethodResponse : undefined, decode)
    case 'failed':
      return { deviceId, state: 'failed', error: JobDeviceError.of(deviceId, error) }
    case 'canceled':
    case 'cancelled':
      return { deviceId, state: 'cancelled' }
    case 'running':
      return { deviceId, state: 'running' }
    default:
      return { deviceId, state: 'pending' }
  }
}

function readAnswer(deviceId: string, answer: JsonValue | undefined, decode: DecodeAnswer): DeviceJobOutcome {
  if (decode === undefined || !isJsonObject(answer) || typeof answer.status !== 'number') {
    return { deviceId, state: 'succeeded', response: undefined }
  }
  try {
    const response = decode({ status: answer.status, payload: answer.payload ?? null })
    return { deviceId, state: 'succeeded', response }
  } catch (error) {
    return { deviceId, state: 'failed', error }
  }
}
