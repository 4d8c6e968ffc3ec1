import { readFile, rm, writeFile } from 'node:fs/promises'
import { StorageError } from './storage-error.ts'

/**
 * Makes this process the only one that writes to a folder. The lock of a process that has died is taken over, also when another
 * process has its number by now, as in a container that was started again.
 *
 * @param path the lock file.
 * @returns gives the folder up.
 * @throws StorageError `FolderInUse` when another process has it.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(path, await processName(process.pid), { flag: 'wx', mode: 0o600 })
      return () => rm(path, { force: true })
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
    const owner = await readFile(path, 'utf8').catch(() => '')
    const processId = Number.parseInt(owner, 10)
    if (isAlive(processId) && owner === (await processName(processId))) {
      throw new StorageError('FolderInUse', `${path}: the folder is in use by the hub with process id ${processId}`)
    }
    await rm(path, { force: true })
  }
}

/** The number of a process and, where the system tells, when it was started. */
async function processName(processId: number): Promise<string> {
  const status = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '')
  // The name of the program may contain anything; the start time is the twentieth word after it.
  const startTime = status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return `${processId} ${startTime}`
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
