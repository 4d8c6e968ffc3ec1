import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { FirmwareError } from '../firmware-error.ts'
import type { AppliedFirmware, VerifiedImage } from '../firmware-target.ts'
import type { Slot, SlotFolder } from './slot-folder.ts'

/** Name of the program in its slot. It is never taken from a manifest. */
export const programName = 'program'

/** Puts an archive in place of one program. */
export type UnpackImage = (image: VerifiedImage, directory: string, signal: AbortSignal) => unknown

/**
 * Puts an image into a slot, in the place of all that was there. What was written is on disk before the promise resolves.
 *
 * @param unpack what makes files of the image; left out: the image is the program
 * @throws FirmwareError `DigestMismatch`
 */
export async function stageProgram(
  folder: SlotFolder,
  slot: Slot,
  image: VerifiedImage,
  firmware: AppliedFirmware,
  unpack: UnpackImage | undefined,
  signal: AbortSignal,
): Promise<void> {
  const directory = folder.directoryOf(slot)
  await folder.fileSystem.removeTree(directory)
  await folder.fileSystem.makeDirectory(directory)
  if (unpack === undefined) {
    await copyProgram(folder, join(directory, programName), image, firmware.sha256, signal)
  } else {
    await unpack(image, directory, signal)
    await folder.fileSystem.syncTree(directory)
  }
  signal.throwIfAborted()
  const programSha256 = unpack === undefined ? firmware.sha256 : undefined
  await folder.writeContent(slot, { version: firmware.version, programSha256 })
  await folder.fileSystem.syncDirectory(folder.path)
}

async function copyProgram(
  { fileSystem }: SlotFolder,
  path: string,
  image: VerifiedImage,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256')
  const file = await fileSystem.createFile(path)
  try {
    for await (const block of image.read()) {
      signal.throwIfAborted()
      hash.update(block)
      await file.write(block)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  if (hash.digest('hex') !== sha256) {
    throw new FirmwareError('DigestMismatch', 'what was copied into the slot is not the image that was verified')
  }
}
