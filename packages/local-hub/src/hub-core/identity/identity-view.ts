import { formatTimeOrNever } from '../clock/hub-time.ts'
import type { JsonObject } from '../json/json.ts'
import type { Presence } from '../session/presence.ts'
import { authenticationView } from './authentication.ts'
import type { DeviceIdentity } from './device-identity.ts'
import type { EdgePlacement } from './edge-placement.ts'

/** A device identity as REST returns it (wire reference 8.1). */
export function identityView(
  device: DeviceIdentity,
  presence: Presence,
  cloudToDeviceMessageCount: number,
): JsonObject {
  return {
    deviceId: device.deviceId,
    generationId: device.generationId,
    etag: device.etag,
    connectionState: presence.connected ? 'Connected' : 'Disconnected',
    status: device.status,
    statusReason: device.statusReason,
    connectionStateUpdatedTime: formatTimeOrNever(presence.connectionChangedAt),
    statusUpdatedTime: formatTimeOrNever(device.statusUpdatedAt),
    lastActivityTime: formatTimeOrNever(presence.lastActivityAt),
    cloudToDeviceMessageCount,
    authentication: authenticationView(device.authentication),
    capabilities: { iotEdge: device.iotEdge },
    ...scopesView(device),
  }
}

/** The scopes as identities and twins show them: not at all for a device that has to do with no edge. */
export function scopesView({ deviceScope, parentScopes }: EdgePlacement): JsonObject {
  return deviceScope === null ? {} : { deviceScope, parentScopes }
}
