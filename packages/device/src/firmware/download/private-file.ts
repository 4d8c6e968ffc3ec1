import { constants, type FileHandle, open, rm } from 'node:fs/promises'
import { errnoOf } from '../../journal/errno.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

/**
 * Opens a file for reading and appending that nobody else can reach, and makes it when it is not there. What else has its name (a
 * symbolic link, a second name of another file, a pipe) is put away: nothing is ever written through it.
 */
export async function openPrivateFile(path: string): Promise<FileHandle> {
  const existing = await openUnlinked(path, O_RDWR | O_APPEND)
  if (existing !== undefined) {
    await existing.chmod(0o600)
    return existing
  }
  await rm(path, { force: true, recursive: true })
  return open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600)
}

/** Opens a file for reading; undefined when there is none under this very name: a symbolic link is not followed. */
export function openRegularFile(path: string): Promise<FileHandle | undefined> {
  return openUnlinked(path, O_RDONLY)
}

async function openUnlinked(path: string, flags: number): Promise<FileHandle | undefined> {
  let handle: FileHandle
  try {
    // Windows has neither of the two; a pipe must not hold up the open.
    handle = await open(path, flags | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0))
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'EISDIR', 'ENXIO'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
  const status = await handle.stat()
  if (status.isFile() && status.nlink === 1) return handle
  await handle.close()
  return undefined
}
