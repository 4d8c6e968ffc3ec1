import { formatTimeOrNever } from '../clock/hub-time.ts'
import type { JsonObject } from '../json/json.ts'
import type { Presence } from '../session/presence.ts'
import { authenticationView } from './authentication.ts'
import type { ModuleIdentity } from './module-identity.ts'

/** A module identity as REST returns it (wire reference 8.5). */
export function moduleView(module: ModuleIdentity, presence: Presence): JsonObject {
  return {
    moduleId: module.moduleId,
    managedBy: module.managedBy,
    deviceId: module.deviceId,
    generationId: module.generationId,
    etag: module.etag,
    connectionState: presence.connected ? 'Connected' : 'Disconnected',
    connectionStateUpdatedTime: formatTimeOrNever(presence.connectionChangedAt),
    lastActivityTime: formatTimeOrNever(presence.lastActivityAt),
    cloudToDeviceMessageCount: 0,
    authentication: authenticationView(module.authentication),
  }
}
