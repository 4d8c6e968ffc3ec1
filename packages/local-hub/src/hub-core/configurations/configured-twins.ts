import type { IdentityKey } from '../identity/identity-key.ts'
import type { JsonObject } from '../json/json.ts'

/** The twins of a hub, as far as configurations are concerned. */
export interface ConfiguredTwins {
  /** Undefined where there is no such twin. */
  desiredOf(key: IdentityKey): JsonObject | undefined
  /** @throws HubError when the twin does not take the patch. */
  patchDesired(key: IdentityKey, patch: JsonObject): void
  /** @throws HubError when the device has no room for a module that it does not have yet. */
  ensureModule(deviceId: string, moduleId: string): void
}
