import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { nodeSlotFileSystem, type SlotFileSystem } from './slot-file-system.ts'
import { type Slot, SlotFolder } from './slot-folder.ts'
import { SlotsUnusableError } from './slots-unusable-error.ts'
import { programName } from './stage-program.ts'

/** What a launcher is to start. */
export interface ChosenSlot {
  readonly slot: Slot
  /** Folder of the slot. */
  readonly directory: string
  /** The program in it, unless its images are archives. */
  readonly program: string
  /** Whether it is a new version on trial. */
  readonly isTrial: boolean
}

/**
 * The rule by which a launcher decides what to start, at every start: a new version on trial as often as it may be, then again the one
 * before. That it starts a trial is on disk before this returns, so a version that takes the whole device down is counted too.
 * A program on trial whose bytes are not those of its image is not started.
 *
 * @param path folder of the slots
 * @throws SlotsUnusableError when nothing is current
 * @example
 * ```ts
 * for (;;) {
 *   const { program } = await chooseSlot('/opt/camera')
 *   await once(spawn(process.execPath, [program], { stdio: 'inherit' }), 'exit')
 * }
 * ```
 */
export async function chooseSlot(path: string, fileSystem: SlotFileSystem = nodeSlotFileSystem): Promise<ChosenSlot> {
  const folder = new SlotFolder(path, fileSystem)
  const [current, trial] = [await folder.read('current'), await folder.read('trial')]
  if (current === undefined) throw new SlotsUnusableError(path)
  if (trial === undefined || trial === current) return chosen(folder, current, false)
  const starts = await folder.readTrialStarts()
  if (starts > 0 && (await isWhole(folder, trial))) {
    await folder.writeTrialStarts(starts - 1)
    return chosen(folder, trial, true)
  }
  await folder.remove('trial')
  return chosen(folder, current, false)
}

function chosen(folder: SlotFolder, slot: Slot, isTrial: boolean): ChosenSlot {
  const directory = folder.directoryOf(slot)
  return { slot, directory, program: join(directory, programName), isTrial }
}

async function isWhole(folder: SlotFolder, slot: Slot): Promise<boolean> {
  const content = await folder.readContent(slot)
  if (content?.programSha256 === undefined) return content !== undefined
  const hash = createHash('sha256')
  try {
    for await (const block of folder.fileSystem.readBlocks(join(folder.directoryOf(slot), programName))) {
      hash.update(block)
    }
  } catch {
    return false
  }
  return hash.digest('hex') === content.programSha256
}
