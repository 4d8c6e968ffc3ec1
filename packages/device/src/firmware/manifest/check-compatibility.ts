import { compareFirmwareVersions, type FirmwareManifest, isFirmwareVersion } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'
import type { FirmwareDevice } from '../firmware-options.ts'

/**
 * An image for another device may well make a brick of this one.
 *
 * @throws FirmwareError `Incompatible`
 */
export function checkCompatibility(manifest: FirmwareManifest, { model, hardware, deviceId }: FirmwareDevice): void {
  check('model', manifest.models, model)
  check('hardware', manifest.hardware, hardware)
  check('device', manifest.devices, deviceId)
}

/** What a manifest restricts and the device does not tell of itself does not fit. */
function check(what: string, allowed: readonly string[] | undefined, own: string | undefined): void {
  if (allowed === undefined || (own !== undefined && allowed.includes(own))) return
  throw new FirmwareError('Incompatible', `the image is not for ${what} ${JSON.stringify(own ?? 'unknown')}`)
}

/**
 * Some images expect what an earlier one has done, such as a change of the disk layout.
 *
 * @throws FirmwareError `DependencyMissing`
 */
export function checkPrecursor({ requiredVersion }: FirmwareManifest, currentVersion: string): void {
  if (requiredVersion === undefined) return
  if (isFirmwareVersion(currentVersion) && compareFirmwareVersions(currentVersion, requiredVersion) >= 0) return
  throw new FirmwareError('DependencyMissing', `version ${requiredVersion} or later has to be installed first`)
}
