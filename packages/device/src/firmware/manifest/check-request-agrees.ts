import type { FirmwareManifest, FirmwareUpdateRequest } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'
import { imageLocation } from './image-location.ts'

/**
 * What a request repeats of its signed manifest has to be the same: nobody may read one thing and install another.
 *
 * @throws FirmwareError `ManifestConflict`, `UrlRefused`
 */
export function checkRequestAgrees(request: FirmwareUpdateRequest, manifest: FirmwareManifest): void {
  const { fwVersion, fwPackageCheckValue } = request
  if (fwVersion !== undefined && fwVersion !== manifest.version) {
    throw new FirmwareError('ManifestConflict', `fwVersion is ${fwVersion}, the manifest is about ${manifest.version}`)
  }
  if (fwPackageCheckValue !== undefined && fwPackageCheckValue !== manifest.sha256) {
    throw new FirmwareError('ManifestConflict', 'fwPackageCheckValue is not the sha256 of the manifest')
  }
  imageLocation(request, manifest.url ?? null)
}
