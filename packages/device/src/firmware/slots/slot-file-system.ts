import { constants, mkdir, open, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../journal/errno.ts'
import type { FileSystem } from '../../journal/file-system.ts'
import { nodeFileSystem } from '../../journal/node-file-system.ts'

/** What slots need of a file system, beside what the journal does. */
export interface SlotFileSystem extends FileSystem {
  /** Makes a directory; rejects with `EEXIST` when the name is taken, be it by a link. */
  makeDirectory(path: string): Promise<void>
  /** Makes a symbolic link; rejects with `EEXIST` when the name is taken. */
  createLink(target: string, path: string): Promise<void>
  /** Where a symbolic link leads; undefined when there is none. */
  readLink(path: string): Promise<string | undefined>
  /** Removes whatever has this name, with all that is in it. A link is not followed. */
  removeTree(path: string): Promise<void>
  /** Makes every file below a directory durable, with its name. */
  syncTree(path: string): Promise<void>
  /** Reads a file in blocks. A link is not followed: it rejects with `ELOOP`. */
  readBlocks(path: string): AsyncIterable<Uint8Array>
}

/** The file system of this machine. Files are made so that their owner can execute them, and nobody else read them. */
export const nodeSlotFileSystem: SlotFileSystem = {
  ...nodeFileSystem,
  async createFile(path) {
    const handle = await open(path, 'ax', 0o700)
    return {
      write: bytes => handle.appendFile(bytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    }
  },
  makeDirectory: path => mkdir(path, { mode: 0o700 }),
  createLink: (target, path) => symlink(target, path),
  async readLink(path) {
    try {
      return await readlink(path)
    } catch (error) {
      // EINVAL: something that is no link
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EINVAL') return undefined
      throw error
    }
  },
  removeTree: path => rm(path, { recursive: true, force: true }),
  syncTree,
  readBlocks,
}

async function syncTree(path: string): Promise<void> {
  for (const entry of await nodeFileSystem.readDirectory(path)) {
    const child = join(path, entry)
    const handle = await open(child, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(error => {
      if (errnoOf(error) === 'ELOOP') return undefined
      throw error
    })
    if (handle === undefined) continue
    try {
      if ((await handle.stat()).isDirectory()) await syncTree(child)
      else await handle.sync()
    } finally {
      await handle.close()
    }
  }
  await nodeFileSystem.syncDirectory(path)
}

async function* readBlocks(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    for await (const block of handle.createReadStream({ autoClose: false })) yield block
  } finally {
    await handle.close()
  }
}
