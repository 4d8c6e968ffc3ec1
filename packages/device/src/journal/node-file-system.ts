import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errnoOf } from './errno.ts'
import type { FileSystem, WritableFile } from './file-system.ts'

/** The file system of this machine. Directories get mode 0700 and files 0600. */
export const nodeFileSystem: FileSystem = {
  async createDirectory(path) {
    const target = resolve(path)
    const topmostCreated = await mkdir(target, { recursive: true, mode: 0o700 })
    if (topmostCreated === undefined) return
    // each new directory is a name in its parent
    for (let created = target; ; created = dirname(created)) {
      await syncDirectory(dirname(created))
      if (created === topmostCreated) return
    }
  },
  async createFile(path) {
    return toWritableFile(await open(path, 'ax', 0o600))
  },
  rename,
  unlink: path => rm(path, { force: true }),
  syncDirectory,
  async readFile(path) {
    try {
      return await readFile(path)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw error
    }
  },
  readDirectory: path => readdir(path),
}

function toWritableFile(handle: FileHandle): WritableFile {
  return {
    // appendFile goes on after a short write until all bytes are out
    write: bytes => handle.appendFile(bytes),
    // the size of the file is part of what fdatasync makes durable; times are not, and nobody needs them
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows keeps names durable by itself and cannot open a directory
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // some network and FUSE file systems cannot sync a directory; PostgreSQL goes on there as well
    if (errnoOf(error) !== 'EINVAL') throw error
  } finally {
    await handle.close()
  }
}
