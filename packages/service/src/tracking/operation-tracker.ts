import type { JsonObject } from '@iothub-dm/protocol'

/** Told by an {@link OperationTracker}, never before `watch` has returned. It must not throw. */
export interface ReportedListener {
  /**
   * The reported properties of the device, never older than the call of `watch`: an operation that is known already must not seem
   * to be gone. Called at first sight and whenever they may have changed. Where only an end is awaited, it may be called just once, with
   * nothing but the section of that action.
   */
  onReported(reported: JsonObject): void
  /** The device cannot be followed any more: it is gone, the credentials are refused, the client is closed. Nothing follows. */
  onError(error: unknown): void
}

/** An operation of which only the end matters: it can be looked for with those of many other devices at once. */
export interface AwaitedOperation {
  readonly actionName: string
  readonly operationId: string
}

/** The port through which operations are followed: whatever learns of the devices' reported properties. */
export interface OperationTracker {
  /**
   * Follows the reported properties of a device.
   *
   * @param awaited says that nothing matters but the end of this operation
   * @returns ends it
   */
  watch(deviceId: string, listener: ReportedListener, awaited?: AwaitedOperation): () => void
  /** Ends everything: the listeners get a `ClientClosed` error, and so do those that come later. */
  close(): void
}
