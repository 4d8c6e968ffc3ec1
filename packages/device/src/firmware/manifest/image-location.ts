import { type FirmwareUpdateRequest, parseFirmwareManifest, readUnverified } from '@iothub-dm/protocol'
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

/**
 * The URL in the manifest of a request that was judged: it was verified then, and nobody can change it since. It is not kept in the
 * journal, because the request may name the very same one, as a secret.
 *
 * @returns null when the manifest names none, or there is no manifest
 */
export function signedUrlOf({ manifest }: FirmwareUpdateRequest): string | null {
  const parsed = parseFirmwareManifest(manifest === undefined ? '' : (readUnverified(manifest) ?? ''))
  return parsed.valid ? (parsed.value.url ?? null) : null
}

function placeOf(text: string): string {
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`
}
