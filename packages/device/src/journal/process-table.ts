import { readFile } from 'node:fs/promises'
import { errnoOf } from './errno.ts'

/** A process of this machine, told apart from a later one with the same pid by when it started. */
export interface ProcessIdentity {
  readonly pid: number
  /** When the process started, in a unit that only the table needs to know; digits. */
  readonly startTime: string
}

/** Knows which processes are alive. */
export interface ProcessTable {
  /** The process that asks. */
  self(): Promise<ProcessIdentity>
  /** Whether that very process still runs. In doubt it does. */
  isAlive(identity: ProcessIdentity): Promise<boolean>
}

/**
 * The processes of this machine, as `/proc` tells them. Without `/proc` a process that has taken over the pid of
 * another is taken for the other, except where it is the one that asks.
 */
export const nodeProcessTable: ProcessTable = {
  async self() {
    const status = await readStatus('self')
    return { pid: process.pid, startTime: status?.startTime ?? String(Math.round(performance.timeOrigin)) }
  },
  async isAlive({ pid, startTime }) {
    if (pid === process.pid) return startTime === (await nodeProcessTable.self()).startTime
    const status = await readStatus(pid)
    if (status !== undefined) return status.startTime === startTime && !status.ended
    return isSignalable(pid)
  },
}

async function readStatus(pid: number | 'self'): Promise<ProcessStatus | undefined> {
  try {
    return parseProcessStatus(await readFile(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined
  }
}

/** What `/proc/<pid>/stat` tells. */
export interface ProcessStatus {
  /** Clock ticks from the boot to the start of the process. */
  readonly startTime: string
  /** The process has ended, even though its parent has not yet taken notice. */
  readonly ended: boolean
}

/**
 * Reads a line of `/proc/<pid>/stat` (proc_pid_stat manual page: state is field 3, starttime field 22).
 *
 * @returns undefined when the line is not of that form
 */
export function parseProcessStatus(line: string): ProcessStatus | undefined {
  // field 2 is the name of the program in parentheses, and may itself hold spaces and parentheses
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state, startTime] = [fields[0], fields[19]]
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return undefined
  return { startTime, ended: state === 'Z' || state === 'X' }
}

function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}
