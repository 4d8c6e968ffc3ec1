import { checkFunctions } from '../../implementation/check-functions.ts'
import { FirmwareError } from '../firmware-error.ts'
import type { AppliedFirmware, FirmwareTarget, VerifiedImage } from '../firmware-target.ts'
import { nodeSlotFileSystem, type SlotFileSystem } from './slot-file-system.ts'
import { otherSlot, SlotFolder } from './slot-folder.ts'
import { stageProgram, type UnpackImage } from './stage-program.ts'

/** Options of {@link slots}. */
export interface SlotsOptions {
  /**
   * The version of the program that runs, as its manifest calls it. A constant in the program itself: it is the evidence that an
   * update succeeded, so it must not be read from where the update wrote it.
   */
  readonly version: string
  /** Ends the program, or restarts the device, so that the launcher starts what is to be started next. */
  readonly restart: () => unknown
  /** The health check of a new version, see `FirmwareTarget.confirm`. Default: to run is to be well. */
  readonly confirm?: ((signal: AbortSignal) => unknown) | undefined
  /** Makes files of an image that is an archive, in an empty folder of its own. Default: the image is the program itself. */
  readonly unpack?: UnpackImage | undefined
  /** How often a new version is started at most until it is kept; then the launcher falls back. 1 to 100. Default: 3. */
  readonly trialStarts?: number | undefined
  /** Default: the file system of this machine. */
  readonly fileSystem?: SlotFileSystem | undefined
}

/**
 * Two slots for the program of a device, on plain folders and symbolic links: an image goes into the one that is not in use, is started from
 * there a few times at most, and becomes the current one when its health check has passed; otherwise the one before is started
 * again, also when the new one cannot even start. The launcher of the program decides that by `chooseSlot`.
 *
 * @param path folder of the slots, see `createSlots`
 * @throws RangeError, TypeError naming the option that is of no use
 * @example
 * ```ts
 * firmwareUpdateWith(slots('/opt/camera', { version: '1.4.0', restart: () => process.exit() }), options)
 * ```
 */
export function slots(path: string, options: SlotsOptions): FirmwareTarget {
  checkFunctions('options', options, ['restart'], ['confirm', 'unpack'])
  const { version, restart, confirm, unpack, trialStarts = 3, fileSystem = nodeSlotFileSystem } = options
  if (typeof path !== 'string' || path === '') throw new TypeError('path: expected the path of a folder')
  if (typeof version !== 'string' || version === '') throw new TypeError('version: expected the version of the program')
  if (!Number.isInteger(trialStarts) || trialStarts < 1 || trialStarts > 100) {
    throw new RangeError(`trialStarts: expected an integer from 1 to 100, got ${trialStarts}`)
  }
  const folder = new SlotFolder(path, fileSystem)
  return {
    currentVersion: () => version,
    restart,
    ...(confirm === undefined ? {} : { confirm }),
    apply: (image, firmware, signal) => apply(folder, image, firmware, { unpack, trialStarts }, signal),
    commit: () => commit(folder, version),
    rollback: () => rollback(folder),
  }
}

async function apply(
  folder: SlotFolder,
  image: VerifiedImage,
  firmware: AppliedFirmware,
  { unpack, trialStarts }: { readonly unpack: UnpackImage | undefined; readonly trialStarts: number },
  signal: AbortSignal,
): Promise<void> {
  const current = await folder.read('current')
  if (current === undefined) {
    throw new FirmwareError('ApplyFailed', 'the folder of the slots has none that is current')
  }
  await folder.remove('trial')
  await folder.point('previous', current)
  await stageProgram(folder, otherSlot(current), image, firmware, unpack, signal)
  await folder.writeTrialStarts(trialStarts)
  // From here on the next start is one of the new program.
  await folder.point('trial', otherSlot(current))
}

async function commit(folder: SlotFolder, runningVersion: string): Promise<void> {
  const trial = await folder.read('trial')
  if (trial !== undefined && (await isVersion(folder, trial, runningVersion))) await folder.keepTrial()
  const current = await folder.read('current')
  if (current === undefined || !(await isVersion(folder, current, runningVersion))) {
    throw new FirmwareError('ApplyFailed', `no slot holds version ${runningVersion} to be kept`)
  }
  await folder.remove('previous')
}

async function isVersion(folder: SlotFolder, slot: 'a' | 'b', version: string): Promise<boolean> {
  return (await folder.readContent(slot))?.version === version
}

async function rollback(folder: SlotFolder): Promise<void> {
  await folder.remove('trial')
  const previous = await folder.read('previous')
  if (previous === undefined) return
  if ((await folder.read('current')) !== previous) await folder.point('current', previous)
  await folder.remove('previous')
}
