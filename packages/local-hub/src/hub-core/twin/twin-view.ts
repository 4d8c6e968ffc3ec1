import { formatTimeOrNever } from '../clock/hub-time.ts'
import { thumbprintsOf } from '../identity/authentication.ts'
import type { DeviceIdentity } from '../identity/device-identity.ts'
import type { JsonObject } from '../json/json.ts'
import type { Presence } from '../session/presence.ts'
import { type Twin, twinEtag, twinVersion } from './twin.ts'
import type { TwinSection } from './twin-section.ts'

/** A device twin as REST returns it (wire reference 3.1). */
export function twinView(device: DeviceIdentity, twin: Twin, presence: Presence): JsonObject {
  return {
    deviceId: device.deviceId,
    etag: twinEtag(twin),
    deviceEtag: device.etag,
    status: device.status,
    ...(device.statusReason === null ? {} : { statusReason: device.statusReason }),
    statusUpdateTime: formatTimeOrNever(device.statusUpdatedAt),
    connectionState: presence.connected ? 'Connected' : 'Disconnected',
    lastActivityTime: formatTimeOrNever(presence.lastActivityAt),
    cloudToDeviceMessageCount: 0,
    authenticationType: device.authentication.type,
    x509Thumbprint: { ...thumbprintsOf(device.authentication) },
    modelId: presence.modelId,
    version: twinVersion(twin),
    ...(Object.keys(twin.tags).length === 0 ? {} : { tags: twin.tags }),
    properties: { desired: sectionView(twin.desired), reported: sectionView(twin.reported) },
    capabilities: { iotEdge: false },
  }
}

/** The twin as the device itself reads it: properties and versions, nothing else (wire reference 1.15). */
export function deviceTwinView(twin: Twin): JsonObject {
  return {
    desired: { ...twin.desired.properties, $version: twin.desired.version },
    reported: { ...twin.reported.properties, $version: twin.reported.version },
  }
}

function sectionView(section: TwinSection): JsonObject {
  return { ...section.properties, $metadata: section.metadata, $version: section.version }
}
