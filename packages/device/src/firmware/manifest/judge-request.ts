import {
  describeIssues,
  type FirmwareKeySet,
  type FirmwareManifest,
  type FirmwareUpdateRequest,
  parseFirmwareManifest,
} from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'
import type { FirmwareSettings } from '../firmware-options.ts'
import { newestInstalled, recentFailures } from '../memory/firmware-history.ts'
import type { FirmwareMemory } from '../memory/firmware-memory.ts'
import { checkCompatibility, checkPrecursor } from './check-compatibility.ts'
import { checkExpiry } from './check-expiry.ts'
import { checkRequestAgrees } from './check-request-agrees.ts'
import { checkNotOlder, versionProblem } from './check-version.ts'
import type { FirmwarePlan, FirmwareVerdict } from './firmware-plan.ts'
import { followKeySets } from './follow-key-sets.ts'
import { imageLocation } from './image-location.ts'
import { verifyDocument } from './verify-document.ts'

/** What {@link judgeRequest} goes by. */
export interface JudgeOptions {
  readonly currentVersion: string
  readonly memory: FirmwareMemory
  readonly settings: FirmwareSettings
}

/**
 * Judges a request before anything is spent on it: not a byte is fetched, and nothing of the device is touched.
 *
 * @throws FirmwareError `SignatureInvalid`, `ManifestInvalid`, `ManifestConflict`, `ManifestExpired`, `TimeUnknown`, `Incompatible`,
 * `VersionRollback`, `DependencyMissing`, `SizeExceeded`, `Quarantined`, `UrlRefused`
 */
export async function judgeRequest(request: FirmwareUpdateRequest, options: JudgeOptions): Promise<FirmwareVerdict> {
  const { settings, memory } = options
  const verdict =
    'keySet' in settings.trust
      ? await judgeSigned(request, settings.trust, options)
      : judgeUnsigned(request, settings.trust, options)
  if (!verdict.alreadyCurrent) checkNotQuarantined(verdict.plan.sha256, memory, settings)
  return verdict
}

async function judgeSigned(
  request: FirmwareUpdateRequest,
  trust: Extract<FirmwareSettings['trust'], { keySet: unknown }>,
  { currentVersion, memory, settings }: JudgeOptions,
): Promise<FirmwareVerdict> {
  if (request.manifest === undefined) {
    throw new FirmwareError('SignatureInvalid', 'the request carries no signed manifest, and the device takes no other')
  }
  const policy = { allowDebugKeys: trust.allowDebugKeys === true }
  const trusted = newerOf(trust.keySet, memory.history.keySet)
  const keySet = await followKeySets(trusted, request.keySets ?? [], policy)
  if (keySet.version > trusted.version) await memory.add({ type: 'keys', keySet })
  const { text, signers } = await verifyDocument(request.manifest, 'firmware-manifest', keySet, policy)
  const manifest = parse(text)
  checkRequestAgrees(request, manifest)
  const { history } = memory
  if (isCurrent(manifest, currentVersion, memory)) return { alreadyCurrent: true, version: currentVersion }
  checkExpiry(manifest, history.seenTime, settings)
  checkCompatibility(manifest, settings.device)
  const newest = newestInstalled(history, keySet)
  const downgradePermit = checkNotOlder(manifest, { currentVersion, newest, usedPermits: history.usedPermits })
  checkPrecursor(manifest, currentVersion)
  checkSize(manifest.size, settings)
  // Bounded by what was signed: a clock that runs ahead cannot make every manifest after this one expire.
  await memory.add({ type: 'time', time: settings.clock.now() })
  const { version, sha256, size, sequence } = manifest
  return planned({ version, sha256, size, sequence, signers, downgradePermit, previousVersion: currentVersion })
}

function judgeUnsigned(
  request: FirmwareUpdateRequest,
  { allowDowngrade }: Extract<FirmwareSettings['trust'], { unsigned: unknown }>,
  { currentVersion }: JudgeOptions,
): FirmwareVerdict {
  const { manifest, fwVersion: version, fwPackageCheckValue: sha256 } = request
  if (manifest !== undefined) {
    throw new FirmwareError('SignatureInvalid', 'the device has no keys to verify the manifest with')
  }
  if (version === undefined || sha256 === undefined) {
    throw new FirmwareError('ManifestInvalid', 'a request without a manifest needs fwVersion and fwPackageCheckValue')
  }
  if (version === currentVersion) return { alreadyCurrent: true, version }
  const problem = versionProblem(version, currentVersion)
  if (problem !== undefined && allowDowngrade !== true) throw new FirmwareError('VersionRollback', problem)
  imageLocation(request, null)
  const unsigned = { size: null, sequence: null, signers: [], downgradePermit: null }
  return planned({ ...unsigned, version, sha256, previousVersion: currentVersion })
}

function planned(plan: FirmwarePlan): FirmwareVerdict {
  return { alreadyCurrent: false, plan }
}

/** A newer program may know newer keys than the rotation that an older one has followed. */
function newerOf(builtIn: FirmwareKeySet, followed: FirmwareKeySet | undefined): FirmwareKeySet {
  return followed !== undefined && followed.version > builtIn.version ? followed : builtIn
}

function parse(text: string): FirmwareManifest {
  const parsed = parseFirmwareManifest(text)
  if (parsed.valid) return parsed.value
  throw new FirmwareError('ManifestInvalid', `manifest: ${describeIssues(parsed.issues)}`)
}

/** @throws FirmwareError `VersionRollback` when the version runs that is asked for, made from another image */
function isCurrent(
  { version, sha256 }: FirmwareManifest,
  currentVersion: string,
  { history }: FirmwareMemory,
): boolean {
  if (version !== currentVersion) return false
  const running = history.installed.findLast(image => image.version === currentVersion)
  if (running === undefined || running.sha256 === sha256) return true
  throw new FirmwareError('VersionRollback', `version ${version} runs already, made from another image`)
}

function checkSize(size: number, { maxSizeInBytes }: FirmwareSettings): void {
  if (size <= maxSizeInBytes) return
  throw new FirmwareError('SizeExceeded', `the image has ${size} bytes, allowed are ${maxSizeInBytes}`)
}

function checkNotQuarantined(
  sha256: string,
  { history }: FirmwareMemory,
  { clock, maxFailures }: FirmwareSettings,
): void {
  const failures = recentFailures(history, sha256, clock.now())
  if (failures < maxFailures) return
  throw new FirmwareError('Quarantined', `the image has failed ${failures} times within a day`)
}
