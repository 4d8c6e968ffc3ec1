import type { JsonObject } from '@iothub-dm/protocol'

/** Told by an {@link OperationTracker}, never before `watch` has returned. It must not throw. */
export interface ReportedListener {
  /**
   * The reported properties of the device, never older than the call of `watch`: an operation that is known already must not seem
   * to be gone. Called at first sight and whenever they may have changed.
   */
  onReported(reported: JsonObject): void
  /** The device cannot be followed any more: it is gone, the credentials are refused, the client is closed. Nothing follows. */
  onError(error: unknown): void
}

/** The port through which operations are followed: whatever learns of the devices' reported properties. */
export interface OperationTracker {
  /**
   * Follows the reported properties of a device.
   *
   * @returns ends it
   */
  watch(deviceId: string, listener: ReportedListener): () => void
  /** Ends everything: the listeners get a `ClientClosed` error, and so do those that come later. */
  close(): void
}
