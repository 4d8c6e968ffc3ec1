import { HubError } from '../../hub-core/error/hub-error.ts'
import { deviceKey, type IdentityKey, moduleKey } from '../../hub-core/identity/identity-key.ts'

/** The ids in the path of a route. */
export interface IdentityParams {
  readonly deviceId: string
  readonly moduleId?: string
}

/**
 * The key of the identity that a path names.
 *
 * @throws HubError 404 for an id with an encoded slash, which no identity has and which would read as another key.
 */
export function identityKeyOf({ deviceId, moduleId }: IdentityParams): IdentityKey {
  if (deviceId.includes('/') || moduleId?.includes('/')) throw new HubError('DeviceNotFound', deviceId)
  return moduleId === undefined ? deviceKey(deviceId) : moduleKey(deviceId, moduleId)
}
