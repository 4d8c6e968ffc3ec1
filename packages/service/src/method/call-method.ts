import { type JsonValue, limits } from '@iothub-dm/protocol'
import { HubError } from '../hub/hub-error.ts'
import type { MethodCalls, MethodResponse } from '../hub/iot-hub.ts'

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

/** Extra time for the hub's own verdict to arrive, in milliseconds. */
const marginInMs = 10_000

/**
 * The same options, with no longer a wait for the hub than there is time.
 *
 * @param leftInMs undefined: any
 */
export function boundCall<TOptions extends CallOptions>(options: TOptions, leftInMs: number | undefined): TOptions {
  if (leftInMs === undefined || leftInMs === Number.POSITIVE_INFINITY) return options
  const { responseTimeoutInSeconds = 30, connectTimeoutInSeconds = 0 } = options
  const { timeoutInMs = (responseTimeoutInSeconds + connectTimeoutInSeconds) * 1_000 + marginInMs } = options
  return { ...options, timeoutInMs: Math.min(timeoutInMs, leftInMs) }
}

/**
 * Calls a direct method once.
 *
 * @throws HubError `PayloadTooLarge` before anything is sent, and whatever the hub answers
 */
export async function callMethod(
  hub: MethodCalls,
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
