import type { JsonObject, JsonValue } from '@iothub-dm/protocol'
import type { IdentityConflictError } from './errors.ts'

/** The device's twin as the hub gives it to the device: no tags, no metadata. */
export interface DeviceTwin {
  /** Desired properties without `$version`. */
  readonly desired: JsonObject
  /** Version of the desired properties. */
  readonly desiredVersion: number
  /** Reported properties without `$version`. */
  readonly reported: JsonObject
  /** Version of the reported properties. */
  readonly reportedVersion: number
}

/** A direct method call as it came in; `payload` is the raw body, possibly empty. */
export interface MethodCall {
  /** Decoded method name. */
  readonly methodName: string
  /** The hub's id of the call, unique while it waits for its answer. */
  readonly requestId: string
  /** Body as sent, UTF-8 JSON by contract, but not yet parsed. */
  readonly payload: Uint8Array
}

/** What goes back to the caller of a direct method. */
export interface MethodAnswer {
  /** Status in the sense of HTTP. */
  readonly status: number
  readonly payload: JsonValue
}

/** What a {@link HubConnection} tells its owner. */
export interface HubConnectionListener {
  /** A direct method was called. Must not reject; the answer is sent when the promise settles. */
  onMethod(call: MethodCall): Promise<MethodAnswer>
  /**
   * A session with the hub began: the first one, after every reconnection and after every renewal of the SAS token. All
   * subscriptions are in force. Whatever was pending in the session before has been rejected with `ConnectionLost`.
   */
  onSession(): void
  /** The session ended and the connection is trying to come back. */
  onLost(reason: Error): void
  /** An attempt to connect failed; the next one follows after the wait. Told during the first `open` too. */
  onAttemptFailed?(reason: Error, retryInMs: number): void
  /** The hub goes on ending the sessions; another device seems to use the same identity. Follows an `onLost`. */
  onIdentityConflict?(error: IdentityConflictError, retryInMs: number): void
  /** Desired properties changed. The patch has no `$version`; patches may be missed, doubled or out of order. */
  onDesired(patch: JsonObject, version: number): void
}

/** Bounds of one call through a {@link HubConnection}. */
export interface HubCallOptions {
  /** Longest wait for the hub's answer, in milliseconds; after it a new session begins. Default: 30,000. */
  readonly timeoutInMs?: number | undefined
}

/**
 * The port through which the agent reaches the hub. Every call is bounded in time and is rejected when the session under
 * it ends; whether the hub has carried it out is then unknown.
 */
export interface HubConnection {
  /**
   * Connects and resolves at the first session. Keeps trying while the network or the hub is away, until aborted. After
   * it has failed it may be called again.
   *
   * @throws IotHubDmError `Unauthorized` when the hub refuses the credentials, `ConnectionClosed`; the reason of the
   * signal when aborted
   */
  open(options?: { readonly abortSignal?: AbortSignal | undefined }): Promise<void>
  /**
   * Ends the session, where there is one, and begins another one over a new connection, as after a loss: to find out whether the
   * hub can still be reached from scratch.
   */
  startOver(): void
  /** Ends the connection for good, within a bounded time. Whatever is pending is rejected with `ConnectionClosed`. */
  close(): Promise<void>
  /**
   * Reads the twin.
   *
   * @throws IotHubDmError `TwinReadRefused` when the hub answered with an error status, `InvalidHubAnswer`,
   * `ConnectionLost`, `HubTimeout`
   */
  readTwin(options?: HubCallOptions): Promise<DeviceTwin>
  /**
   * Sends a merge patch of the reported properties.
   *
   * @returns the new version of the reported properties
   * @throws IotHubDmError `ReportRefused` when the hub answered with an error status, `ConnectionLost`, `HubTimeout`
   */
  updateReported(patch: JsonObject, options?: HubCallOptions): Promise<number>
}
