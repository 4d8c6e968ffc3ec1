import { statfs } from 'node:fs/promises'
import { PersistenceError } from '../../journal/errors.ts'

/**
 * Refuses what the disk has no room for, before anything is spent on it.
 *
 * @param directory on the disk
 * @param bytes that are still to be written there
 * @throws PersistenceError with `ENOSPC`
 */
export async function requireFreeSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  if (bavail * bsize >= bytes) return
  const cause = Object.assign(new Error(`${bavail * bsize} bytes are free, needed are ${bytes}`), { code: 'ENOSPC' })
  throw new PersistenceError('make room for the image in', directory, cause)
}
