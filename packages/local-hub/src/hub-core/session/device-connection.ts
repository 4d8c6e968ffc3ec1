import type { LockedMessage } from '../cloud-to-device/cloud-to-device-message.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import type { JsonObject } from '../json/json.ts'

/**
 * Why a connection ended. `closedByClient` includes a network that failed; `tooSlow` is a client that did not read what the hub
 * had for it, or did not say in time who it is; `throttled` sent more than the hub takes.
 */
export type CloseReason =
  | 'closedByClient'
  | 'keepAliveExpired'
  | 'protocolViolation'
  | 'replaced'
  | 'identityDeleted'
  | 'identityDisabled'
  | 'tokenExpired'
  | 'tooSlow'
  | 'throttled'
  | 'faultInjected'
  | 'internalError'
  | 'hubClosing'

/** How a connection is ended: closed in order, or reset as by a failing network. */
export type CloseManner = 'fin' | 'rst'

/** A direct method on its way to a device. */
export interface OutgoingMethodRequest {
  readonly requestId: string
  readonly methodName: string
  /** The JSON text of the payload. */
  readonly payloadText: string
}

/** What the core needs from the transport that holds a device's connection. None of these may throw. */
export interface DeviceConnection {
  readonly identity: IdentityKey
  sendMethodRequest(request: OutgoingMethodRequest): void
  sendDesiredPatch(patch: JsonObject, version: number): void
  /** Hands over a message that stays locked until it is settled or the connection ends. Never called for modules. */
  sendCloudToDeviceMessage(message: LockedMessage): void
  close(reason: CloseReason, manner: CloseManner): void
}
