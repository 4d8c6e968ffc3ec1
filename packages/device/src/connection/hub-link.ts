import type { JsonObject } from '@iothub-dm/protocol'
import type { HubConnectionError } from './errors.ts'
import type { DeviceTwin, HubCallOptions, HubConnectionListener } from './hub-connection.ts'

/** What a {@link HubLink} tells its owner; never before {@link StartHubLink} has returned, and never after `onEnd`. */
export interface HubLinkListener extends Pick<HubConnectionListener, 'onMethod' | 'onDesired'> {
  /** A session began: after the link was started, and again after each renewal of its credentials. */
  onSession(): void
  /** The link has ended by itself, or could not be established. It tells this once and is of no use any more. */
  onEnd(reason: HubConnectionError): void
}

/**
 * One attempt to be connected, from its start to its end: it connects, lives through renewals of its credentials, and
 * ends with the first failure. It never retries; whoever started it starts another one.
 */
export interface HubLink {
  /** Reads the twin. */
  readTwin(options?: HubCallOptions): Promise<DeviceTwin>
  /** Sends a merge patch of the reported properties; returns their new version. */
  updateReported(patch: JsonObject, options?: HubCallOptions): Promise<number>
  /** Ends the link within a bounded time, without a call of `onEnd`. Never rejects. */
  close(): Promise<void>
}

/** Starts a link. Failures are told by `onEnd`, not thrown. */
export type StartHubLink = (listener: HubLinkListener) => HubLink
