import type { Authentication } from '../identity/authentication.ts'
import type { IdentityStatus } from '../identity/device-identity.ts'
import type { EdgePlacement } from '../identity/edge-placement.ts'
import { type IdentityKey, type IdentityName, identityName } from '../identity/identity-key.ts'
import type { IdentityRegistry } from '../identity/identity-registry.ts'
import type { ModuleIdentity } from '../identity/module-identity.ts'
import type { ModuleRegistry } from '../identity/module-registry.ts'

/** The identity that a twin belongs to, with what the twin mirrors of it (wire reference 3.7). */
export interface TwinOwner extends IdentityName, EdgePlacement {
  readonly etag: string
  readonly status: IdentityStatus
  readonly statusReason: string | null
  readonly statusUpdatedAt: number | undefined
  readonly authentication: Authentication
}

/** Where owners are found. */
export interface Owners {
  readonly identities: IdentityRegistry
  readonly modules: ModuleRegistry
}

/** @throws HubError `DeviceNotFound` or `ModuleNotFound` (404). */
export function ownerOf(key: IdentityKey, { identities, modules }: Owners): TwinOwner {
  const { deviceId, moduleId } = identityName(key)
  const device = identities.get(deviceId)
  return moduleId === undefined ? device : moduleOwner(modules.get(deviceId, moduleId))
}

/** A module as the owner of its twin: always enabled, never in a scope. */
export function moduleOwner({ deviceId, moduleId, etag, authentication }: ModuleIdentity): TwinOwner {
  return {
    deviceId,
    moduleId,
    etag,
    status: 'enabled',
    statusReason: null,
    statusUpdatedAt: undefined,
    authentication,
    iotEdge: false,
    deviceScope: null,
    parentScopes: [],
  }
}
