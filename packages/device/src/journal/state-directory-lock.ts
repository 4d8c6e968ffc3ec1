import { join } from 'node:path'
import { errnoOf } from './errno.ts'
import { PersistenceError, StateDirectoryLockedError } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { nodeProcessTable, type ProcessIdentity, type ProcessTable } from './process-table.ts'

/** The right to write to a state directory. The end of the process gives it back too. */
export interface StateDirectoryLock extends AsyncDisposable {
  /** Gives the directory back. */
  release(): Promise<void>
}

/** Options of {@link lockStateDirectory}. */
export interface LockStateDirectoryOptions {
  readonly directory: string
  /** Identity of the running boot, see `readBootId`: no process of an earlier boot is alive. */
  readonly bootId: string
  /** @default the file system of this machine */
  readonly fileSystem?: FileSystem | undefined
  /** @default the processes of this machine */
  readonly processes?: ProcessTable | undefined
}

/**
 * Makes this process the only one that writes to a state directory.
 *
 * Each contender first puts up a claim, an empty file whose name is the boot id, pid and start time of the process, and
 * then looks for the claims of others. Of two contenders at least the later one sees the other, so there are never two
 * holders; when two start in the same instant, both may be refused. A claim of a process that has died (killed, cut
 * off, its pid in use again, also pid 1 of a container that was started anew) can never come back to life under its
 * name, so everyone may remove it at any time.
 *
 * Processes are told apart by pid, so two running containers must not share a state directory.
 *
 * @throws StateDirectoryLockedError when a living process holds the directory, this one included
 * @throws PersistenceError when the directory cannot be used
 * @example
 * ```ts
 * await using lock = await lockStateDirectory({ directory, bootId: await readBootId() })
 * ```
 */
export async function lockStateDirectory(options: LockStateDirectoryOptions): Promise<StateDirectoryLock> {
  const { directory, bootId, fileSystem = nodeFileSystem, processes = nodeProcessTable } = options
  try {
    await fileSystem.createDirectory(directory)
    const own: Claim = { bootId: encodeURIComponent(bootId), ...(await processes.self()) }
    const release = await putUp(own, directory, fileSystem)
    try {
      await refuseBesideOthers(own, directory, fileSystem, processes)
    } catch (error) {
      await release().catch(() => {})
      throw error
    }
    return { release, [Symbol.asyncDispose]: release }
  } catch (error) {
    if (error instanceof StateDirectoryLockedError) throw error
    throw new PersistenceError('lock the state directory', directory, error)
  }
}

interface Claim extends ProcessIdentity {
  /** As it stands in a file name. */
  readonly bootId: string
}

async function putUp(own: Claim, directory: string, fileSystem: FileSystem): Promise<() => Promise<void>> {
  const path = join(directory, toFileName(own))
  try {
    await (await fileSystem.createFile(path)).close()
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw new StateDirectoryLockedError(directory, own.pid)
    throw error
  }
  return () => fileSystem.unlink(path)
}

async function refuseBesideOthers(
  own: Claim,
  directory: string,
  fileSystem: FileSystem,
  processes: ProcessTable,
): Promise<void> {
  for (const name of await fileSystem.readDirectory(directory)) {
    const claim = parseFileName(name)
    if (claim === undefined || name === toFileName(own)) continue
    if (claim.bootId === own.bootId && (await processes.isAlive(claim))) {
      throw new StateDirectoryLockedError(directory, claim.pid)
    }
    await fileSystem.unlink(join(directory, name))
  }
}

function toFileName({ bootId, pid, startTime }: Claim): string {
  return `lock.${bootId}.${pid}.${startTime}`
}

function parseFileName(name: string): Claim | undefined {
  const [, bootId, pid, startTime] = /^lock\.(.+)\.(\d+)\.(\d+)$/.exec(name) ?? []
  if (bootId === undefined || pid === undefined || startTime === undefined) return undefined
  return { bootId, pid: Number(pid), startTime }
}
