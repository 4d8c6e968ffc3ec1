import { dirname } from 'node:path'
import { PersistenceError } from '../journal/errors.ts'
import type { FileSystem } from '../journal/file-system.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'

/**
 * A place that a factory reset leaves alone, such as a partition of its own, or a few kilobytes of NVRAM: for what a device has to
 * know about the reset after it. It holds one document of a few kilobytes, without secrets.
 */
export interface SurvivalStore {
  /** The bytes that were written last; undefined when there are none yet. */
  read(): Promise<Uint8Array | undefined>
  /**
   * Puts new bytes in the place of the old ones: durable when it resolves, and whenever it is cut off, either the old ones or
   * the new ones are there.
   */
  write(bytes: Uint8Array): Promise<void>
}

/**
 * A {@link SurvivalStore} in a file.
 *
 * @param path of the file, in a folder that the wipe leaves alone and in which this program may create files
 * @param fileSystem default: that of this machine
 * @example
 * ```ts
 * DeviceAgent.fromConnectionString(connectionString, implementation, {
 *   stateDirectory: '/data/camera',
 *   survivalStore: fileSurvivalStore('/factory/camera-reset'),
 * })
 * ```
 */
export function fileSurvivalStore(path: string, fileSystem: FileSystem = nodeFileSystem): SurvivalStore {
  const temporaryPath = `${path}.tmp`
  const attempt = async <TResult>(what: string, act: () => Promise<TResult>): Promise<TResult> => {
    try {
      return await act()
    } catch (error) {
      throw new PersistenceError(what, path, error)
    }
  }
  return {
    read: () => attempt('read', () => fileSystem.readFile(path)),
    write: bytes =>
      attempt('write', async () => {
        await fileSystem.createDirectory(dirname(path))
        await fileSystem.unlink(temporaryPath)
        const file = await fileSystem.createFile(temporaryPath)
        try {
          await file.write(bytes)
          await file.sync()
        } finally {
          await file.close()
        }
        await fileSystem.rename(temporaryPath, path)
        await fileSystem.syncDirectory(dirname(path))
      }),
  }
}
