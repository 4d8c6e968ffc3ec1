import type { JsonObject, JsonValue } from '@iothub-dm/protocol'

/** Bounds of one call to the hub. */
export interface HubCallOptions {
  /** Longest wait for the hub's answer, in milliseconds. */
  readonly timeoutInMs?: number | undefined
  /** Ends the wait. What the hub has begun is not undone. */
  readonly abortSignal?: AbortSignal | undefined
}

/** A direct method call. */
export interface MethodRequest {
  readonly methodName: string
  readonly payload: JsonValue
  /** How long the hub waits for the device's answer: 5 to 300 seconds (IoT Hub direct methods guide). */
  readonly responseTimeoutInSeconds: number
  /** How long the hub waits for an absent device to connect: 0 to 300 seconds, at most the response time-out. */
  readonly connectTimeoutInSeconds: number
}

/** What the device answered. */
export interface MethodResponse {
  /** The device's own status, also when it is an error. */
  readonly status: number
  readonly payload: JsonValue
}

/** A device twin as the hub's REST interface gives it, reduced to what this package reads. */
export interface DeviceTwin {
  readonly deviceId: string
  readonly etag: string
  readonly connectionState: string
  readonly tags: JsonObject
  /** Desired properties with `$version` and `$metadata`. */
  readonly desired: JsonObject
  /** Reported properties with `$version` and `$metadata`. */
  readonly reported: JsonObject
}

/**
 * The port through which this package reaches the hub. One attempt per call, no hidden retries. A call fails with a
 * `HubError`, with a `RangeError` when its arguments are outside the hub's limits, or with the reason of its
 * `abortSignal`.
 */
export interface IotHub {
  /**
   * Calls a direct method and returns the device's answer. Without `timeoutInMs` it waits for the two time-outs of the
   * request and a margin, so that the hub's own verdict comes first.
   */
  invokeMethod(deviceId: string, request: MethodRequest, options?: HubCallOptions): Promise<MethodResponse>
  /** Reads a device twin; always fresh. */
  getTwin(deviceId: string, options?: HubCallOptions): Promise<DeviceTwin>
  /** Closes idle connections, and the others when their calls have ended. Later calls fail with `ClientClosed`. */
  close(): void
}
