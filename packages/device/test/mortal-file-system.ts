import type { FileSystem, WritableFile } from '../src/journal/file-system.ts'

/** A file system, seen by one process that dies. */
export interface MortalFileSystem {
  readonly fileSystem: FileSystem
  /** How many calls were made that change the disk. */
  readonly calls: () => number
  readonly isDead: () => boolean
  /** From now on no call returns, and none changes the disk. */
  readonly die: () => void
}

/**
 * Test support: the process dies right before one of the calls that change the disk.
 *
 * @param inner the disk, which outlives the process
 * @param dieAt which call, from 1; 0: it does not die by itself
 */
export function mortalFileSystem(inner: FileSystem, dieAt = 0): MortalFileSystem {
  let calls = 0
  let dead = false
  const alive = <TResult>(call: () => Promise<TResult>): Promise<TResult> =>
    dead ? new Promise<never>(() => {}) : call()
  const changing = <TResult>(call: () => Promise<TResult>): Promise<TResult> => {
    if (!dead) calls += 1
    dead ||= calls === dieAt
    return alive(call)
  }
  const mortalFile = (file: WritableFile): WritableFile => ({
    write: bytes => changing(() => file.write(bytes)),
    sync: () => changing(() => file.sync()),
    close: () => alive(() => file.close()),
  })
  const fileSystem: FileSystem = {
    createDirectory: path => alive(() => inner.createDirectory(path)),
    readFile: path => alive(() => inner.readFile(path)),
    readDirectory: path => alive(() => inner.readDirectory(path)),
    createFile: path => changing(async () => mortalFile(await inner.createFile(path))),
    rename: (from, to) => changing(() => inner.rename(from, to)),
    unlink: path => changing(() => inner.unlink(path)),
    syncDirectory: path => changing(() => inner.syncDirectory(path)),
  }
  return {
    fileSystem,
    calls: () => calls,
    isDead: () => dead,
    die: () => {
      dead = true
    },
  }
}
