import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** For the eyes of the owner only: the state contains keys. */
const ownerOnly = 0o600

/**
 * Replaces a file as a whole: after a crash it is the old one or the new one. Returns the new file, open to be appended to.
 */
export async function replaceFile(path: string, parts: Iterable<string>): Promise<FileHandle> {
  const temporaryPath = `${path}.tmp`
  const file = await open(temporaryPath, 'w', ownerOnly)
  try {
    for (const part of parts) await file.appendFile(part)
    await file.datasync()
    await rename(temporaryPath, path)
    await syncFolder(dirname(path))
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Makes a rename in a folder outlive a power cut. */
async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and does not need it.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
