import type { LockedMessage } from '../src/hub-core/cloud-to-device/cloud-to-device-message.ts'
import type { JsonObject } from '../src/hub-core/json/json.ts'
import type { CloseReason, DeviceConnection, OutgoingMethodRequest } from '../src/hub-core/session/device-connection.ts'

/** A device connection that keeps what the hub sends. */
export class RecordingConnection implements DeviceConnection {
  readonly identity: string
  readonly methodRequests: OutgoingMethodRequest[] = []
  readonly desiredPatches: JsonObject[] = []
  readonly messages: LockedMessage[] = []
  readonly closeReasons: CloseReason[] = []

  constructor(identity: string) {
    this.identity = identity
  }

  sendMethodRequest(request: OutgoingMethodRequest): void {
    this.methodRequests.push(request)
  }

  sendDesiredPatch(patch: JsonObject, version: number): void {
    this.desiredPatches.push({ ...patch, $version: version })
  }

  sendCloudToDeviceMessage(message: LockedMessage): void {
    this.messages.push(message)
  }

  close(reason: CloseReason): void {
    this.closeReasons.push(reason)
  }
}
