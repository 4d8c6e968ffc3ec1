import { type JsonValue, limits } from '@iothub-dm/protocol'
import { HubError } from '../hub/hub-error.ts'
import type { IotHub, MethodResponse } from '../hub/iot-hub.ts'

/** Options of a call to a device. */
export interface CallOptions {
  /**
   * How long the hub waits for the device's answer, 5 to 300 seconds (IoT Hub direct methods guide).
   *
   * @default 30
   */
  readonly responseTimeoutInSeconds?: number | undefined
  /**
   * How long the hub waits for a device that is not connected, 0 to 300 seconds; at most the response time-out.
   *
   * @default 0
   */
  readonly connectTimeoutInSeconds?: number | undefined
  /** Longest wait for the hub itself, in milliseconds. Default: the two time-outs above and 10 seconds. */
  readonly timeoutInMs?: number | undefined
  /** Ends the wait, not what the device does. */
  readonly abortSignal?: AbortSignal | undefined
}

/**
 * Calls a direct method once.
 *
 * @throws HubError `PayloadTooLarge` before anything is sent, and whatever the hub answers
 */
export async function callMethod(
  hub: IotHub,
  deviceId: string,
  methodName: string,
  payload: JsonValue,
  options: CallOptions = {},
): Promise<MethodResponse> {
  const bytes = Buffer.byteLength(JSON.stringify(payload))
  if (bytes > limits.methodPayloadBytes) {
    throw new HubError(
      'PayloadTooLarge',
      `method '${methodName}': ${bytes} bytes, the hub takes ${limits.methodPayloadBytes}`,
    )
  }
  const { responseTimeoutInSeconds = 30, connectTimeoutInSeconds = 0, timeoutInMs, abortSignal } = options
  const request = { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds }
  return hub.invokeMethod(deviceId, request, { timeoutInMs, abortSignal })
}
