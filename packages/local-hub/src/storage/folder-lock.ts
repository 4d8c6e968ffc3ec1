import { readFile, rm, writeFile } from 'node:fs/promises'
import { StorageError } from './storage-error.ts'

/**
 * Makes this process the only one that writes to a folder. The lock of a process that has died is taken over.
 *
 * @param path the lock file.
 * @returns gives the folder up.
 * @throws StorageError `FolderInUse` when another process has it.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
      return () => rm(path, { force: true })
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (isAlive(owner)) {
      throw new StorageError('FolderInUse', `${path}: the folder is in use by the hub with process id ${owner}`)
    }
    await rm(path, { force: true })
  }
}

function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
