import { dirname } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

/**
 * Replaces a file as a whole: after a crash it is the old one or the new one. Returns the new file, open to be appended to.
 */
export async function replaceFile(disk: Disk, path: string, parts: Iterable<string>): Promise<DiskFile> {
  const temporaryPath = `${path}.tmp`
  const file = await disk.create(temporaryPath)
  try {
    for (const part of parts) await file.append(part)
    await file.sync()
    await disk.rename(temporaryPath, path)
    await disk.syncFolder(dirname(path))
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
