import type { FileSystem, WritableFile } from '../../src/journal/file-system.ts'

/**
 * Test support: a file system whose process dies by SIGKILL at one of the calls that change the disk.
 *
 * @param inner does the work
 * @param killAt 2n - 1: before call n, 2n: after it; 0: never
 * @param onCall is told each point as it is reached
 */
export function killingFileSystem(inner: FileSystem, killAt: number, onCall: (point: number) => void): FileSystem {
  let points = 0
  const reach = () => {
    points += 1
    onCall(points)
    if (points !== killAt) return
    process.kill(process.pid, 'SIGKILL')
    for (;;); // nothing must happen until the signal arrives
  }
  const guarded = async <TResult>(call: () => Promise<TResult>): Promise<TResult> => {
    reach()
    const result = await call()
    reach()
    return result
  }
  const guardedFile = (file: WritableFile): WritableFile => ({
    write: bytes => guarded(() => file.write(bytes)),
    sync: () => guarded(() => file.sync()),
    close: () => file.close(),
  })
  return {
    createDirectory: path => inner.createDirectory(path),
    readFile: path => inner.readFile(path),
    readDirectory: path => inner.readDirectory(path),
    createFile: async path => guardedFile(await guarded(() => inner.createFile(path))),
    rename: (from, to) => guarded(() => inner.rename(from, to)),
    unlink: path => guarded(() => inner.unlink(path)),
    syncDirectory: path => guarded(() => inner.syncDirectory(path)),
  }
}
