import { checkDeviceId, checkModuleId } from './check-arguments.ts'

/**
 * A device, or a module of one: `cam-1`, `cam-1/recorder`. Neither id can have a slash, so the two cannot be taken for each other.
 */
export type TwinAddress = string

/**
 * The address of a module.
 *
 * @throws RangeError when the hub would not take one of the ids
 */
export function moduleAddress(deviceId: string, moduleId: string): TwinAddress {
  checkDeviceId(deviceId)
  checkModuleId(moduleId)
  return `${deviceId}/${moduleId}`
}

/**
 * Takes an address apart.
 *
 * @throws RangeError when the hub would not take one of the ids
 */
export function splitAddress(address: TwinAddress): {
  readonly deviceId: string
  readonly moduleId: string | undefined
} {
  const slash = typeof address === 'string' ? address.indexOf('/') : -1
  const deviceId = slash < 0 ? address : address.slice(0, slash)
  const moduleId = slash < 0 ? undefined : address.slice(slash + 1)
  checkDeviceId(deviceId)
  if (moduleId !== undefined) checkModuleId(moduleId)
  return { deviceId, moduleId }
}

/** An address in words. */
export function describeAddress(address: TwinAddress): string {
  const { deviceId, moduleId } = splitAddress(address)
  return moduleId === undefined ? `device '${deviceId}'` : `module '${moduleId}' of device '${deviceId}'`
}
