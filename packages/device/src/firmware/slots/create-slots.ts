import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { nodeSlotFileSystem, type SlotFileSystem } from './slot-file-system.ts'
import { SlotFolder } from './slot-folder.ts'
import { programName } from './stage-program.ts'

/** The first program of a device. */
export interface FirstProgram {
  readonly version: string
  /** File of the program. */
  readonly file: string
}

/**
 * Makes the slots of a device with its first program in slot `a`, as it leaves the factory. A folder that has a current slot already is left
 * as it is.
 *
 * @param path folder of the slots
 * @returns whether it made them
 * @example
 * ```ts
 * await createSlots('/opt/camera', { version: '1.0.0', file: 'dist/camera.mjs' })
 * ```
 */
export async function createSlots(
  path: string,
  { version, file }: FirstProgram,
  fileSystem: SlotFileSystem = nodeSlotFileSystem,
): Promise<boolean> {
  const folder = new SlotFolder(path, fileSystem)
  await fileSystem.createDirectory(path)
  if ((await folder.read('current')) !== undefined) return false
  const directory = folder.directoryOf('a')
  await fileSystem.removeTree(directory)
  await fileSystem.makeDirectory(directory)
  const hash = createHash('sha256')
  const program = await fileSystem.createFile(join(directory, programName))
  try {
    for await (const block of fileSystem.readBlocks(file)) {
      hash.update(block)
      await program.write(block)
    }
    await program.sync()
  } finally {
    await program.close()
  }
  await folder.writeContent('a', { version, programSha256: hash.digest('hex') })
  await folder.point('current', 'a')
  return true
}
