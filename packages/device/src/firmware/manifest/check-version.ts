import { compareFirmwareVersions, type FirmwareManifest, isFirmwareVersion } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'
import type { InstalledFirmware } from '../memory/firmware-entry.ts'

/** What is known of the device when a manifest is held against it. */
export interface KnownVersions {
  readonly currentVersion: string
  /** The newest image that was installed under the keys that are trusted. */
  readonly newest: InstalledFirmware | undefined
  readonly usedPermits: readonly string[]
}

/**
 * Nobody may bring a device back to a version whose holes are known, except once, with a permit that is signed.
 *
 * @returns the permit that is used up by this update; null when it needs none
 * @throws FirmwareError `VersionRollback`
 */
export function checkNotOlder(
  manifest: FirmwareManifest,
  { currentVersion, newest, usedPermits }: KnownVersions,
): string | null {
  const problem = problemOf(manifest, newest) ?? versionProblem(manifest.version, currentVersion)
  if (problem === undefined) return null
  const { downgradePermit } = manifest
  if (downgradePermit === undefined) throw new FirmwareError('VersionRollback', problem)
  if (usedPermits.includes(downgradePermit)) {
    throw new FirmwareError('VersionRollback', `${problem}; the permit '${downgradePermit}' is used up`)
  }
  return downgradePermit
}

/**
 * Holds a version against the one that runs. One that cannot be compared, as those of developers, is older than any.
 *
 * @returns what is wrong; undefined when nothing is
 */
export function versionProblem(version: string, currentVersion: string): string | undefined {
  if (!isFirmwareVersion(currentVersion) || compareFirmwareVersions(version, currentVersion) >= 0) return undefined
  return `version ${version} is older than ${currentVersion}, which runs`
}

function problemOf({ sequence, sha256 }: FirmwareManifest, newest: InstalledFirmware | undefined): string | undefined {
  const before = newest?.sequence
  if (before === undefined || sequence > before) return undefined
  if (sequence < before) return `sequence ${sequence} is older than ${before}, which was installed`
  return sha256 === newest?.sha256 ? undefined : `sequence ${sequence} was installed already, with another image`
}
