import type { FirmwareManifest } from '@iothub-dm/protocol'

/** What is installed by {@link FirmwareTarget.apply}. */
export type AppliedFirmware = Pick<FirmwareManifest, 'version' | 'sha256' | 'size'>

/** An image on disk whose every byte is what the manifest promised. */
export interface VerifiedImage {
  /** The file, in a folder of the user of the process alone. Its bytes were verified directly before it is handed out. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /**
   * The bytes, each block verified again before it is handed out: what somebody puts in their place on the disk in the meantime
   * is never seen.
   *
   * @throws FirmwareError `DigestMismatch` in the place of a block that is not what was verified
   */
  read(): AsyncIterable<Uint8Array>
}

/**
 * Where firmware is installed: the hooks of a device. Every one may be called again after a crash in the middle of it, and must
 * then come to the same end.
 */
export interface FirmwareTarget {
  /** The version that is running now, as its manifest called it. */
  currentVersion(): string | Promise<string>

  /**
   * Installs an image beside the one that runs, and makes it the one that the next restart starts, on trial where the device
   * can do that: if it does not come up, the one before comes back by itself.
   */
  apply(image: VerifiedImage, firmware: AppliedFirmware, signal: AbortSignal): unknown

  /** Makes the device restart; may return long before it goes down. */
  restart(): unknown

  /**
   * The health check of the new version, in which it runs already: rejects, throws or returns false when it is not well. It should
   * heed the signal, which is aborted when its time is over.
   */
  confirm?(signal: AbortSignal): unknown

  /** Keeps the version that runs: called once the health check has passed. */
  commit?(): unknown

  /** Makes the version before the one that the next restart starts, also when the restart into the new one never came. */
  rollback(): unknown
}
