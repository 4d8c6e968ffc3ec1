/**
 * Names one identity inside the hub: a device by its id, a module by `deviceId/moduleId`. A slash is not allowed in ids, so
 * keys never collide. Twins, sessions and method calls are kept under this key.
 */
export type IdentityKey = string

/** The ids behind an {@link IdentityKey}. */
export interface IdentityName {
  readonly deviceId: string
  readonly moduleId?: string
}

/** The key of a device. */
export function deviceKey(deviceId: string): IdentityKey {
  return deviceId
}

/** The key of a module. */
export function moduleKey(deviceId: string, moduleId: string): IdentityKey {
  return `${deviceId}/${moduleId}`
}

/** The ids that a key was made of. */
export function identityName(key: IdentityKey): IdentityName {
  const slash = key.indexOf('/')
  return slash < 0 ? { deviceId: key } : { deviceId: key.slice(0, slash), moduleId: key.slice(slash + 1) }
}
