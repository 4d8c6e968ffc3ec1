import type { FirmwareUpdateRequest } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'

/**
 * Where to download an image from. A request may bring a token for the place that the manifest has named, as the query of the same URL, and
 * no other place; where the manifest names none, the request does.
 *
 * @param signedUrl of the manifest; null: it names none
 * @throws FirmwareError `ManifestConflict`, `UrlRefused`
 */
export function imageLocation({ fwPackageUri }: FirmwareUpdateRequest, signedUrl: string | null): string {
  const url = fwPackageUri ?? signedUrl
  if (url === null)
    throw new FirmwareError('UrlRefused', 'neither the request nor the manifest says where the image is')
  if (signedUrl !== null && placeOf(url) !== placeOf(signedUrl)) {
    throw new FirmwareError('ManifestConflict', 'fwPackageUri leads to another place than the url of the manifest')
  }
  return url
}

function placeOf(text: string): string {
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`
}
