import { formatTimeOrNever } from '../clock/hub-time.ts'
import { thumbprintsOf } from '../identity/authentication.ts'
import { scopesView } from '../identity/identity-view.ts'
import type { JsonObject } from '../json/json.ts'
import type { Presence } from '../session/presence.ts'
import { type Twin, twinEtag, twinVersion } from './twin.ts'
import type { TwinOwner } from './twin-owner.ts'
import type { TwinSection } from './twin-section.ts'

/** The twin of a device or a module as REST returns it (wire reference 3.1). */
export function twinView(
  owner: TwinOwner,
  twin: Twin,
  presence: Presence,
  cloudToDeviceMessageCount: number,
): JsonObject {
  return {
    deviceId: owner.deviceId,
    ...(owner.moduleId === undefined ? {} : { moduleId: owner.moduleId }),
    etag: twinEtag(twin),
    deviceEtag: owner.etag,
    status: owner.status,
    ...(owner.statusReason === null ? {} : { statusReason: owner.statusReason }),
    statusUpdateTime: formatTimeOrNever(owner.statusUpdatedAt),
    connectionState: presence.connected ? 'Connected' : 'Disconnected',
    lastActivityTime: formatTimeOrNever(presence.lastActivityAt),
    cloudToDeviceMessageCount,
    authenticationType: owner.authentication.type,
    x509Thumbprint: { ...thumbprintsOf(owner.authentication) },
    modelId: presence.modelId,
    version: twinVersion(twin),
    ...(Object.keys(twin.tags).length === 0 ? {} : { tags: twin.tags }),
    properties: { desired: sectionView(twin.desired), reported: sectionView(twin.reported) },
    capabilities: { iotEdge: owner.iotEdge },
    ...(Object.keys(twin.configurations).length === 0 ? {} : { configurations: twin.configurations }),
    ...scopesView(owner),
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
