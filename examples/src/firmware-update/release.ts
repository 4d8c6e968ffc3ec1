import type { FirmwareKeySet } from '@iothub-dm/protocol'

/** What tells one image of the camera from another. */
export interface Release {
  readonly version: string
  /** The keys whose signatures a device with this image trusts. */
  readonly keySet: FirmwareKeySet
  /** What is wrong with it, for the bad versions of the example. */
  readonly defect?: 'crash' | 'unhealthy' | undefined
}

declare const CAMERA_RELEASE: Release

/** The release that this image is; put in its place by `build-image.ts`. */
export const release: Release = CAMERA_RELEASE
