import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SimulatedDisk, systemError, varyCalls } from '../../test/journal/simulated-disk.ts'
import { readBootId } from '../boot/boot-id.ts'
import { PersistenceError, StateDirectoryLockedError } from './errors.ts'
import type { ProcessIdentity, ProcessTable } from './process-table.ts'
import { lockStateDirectory } from './state-directory-lock.ts'

/** A process table in which the asking process is `self`, and only these are alive beside it. */
function processTable(self: ProcessIdentity, ...others: readonly ProcessIdentity[]): ProcessTable {
  return {
    self: async () => self,
    isAlive: async ({ pid, startTime }) =>
      [self, ...others].some(alive => alive.pid === pid && alive.startTime === startTime),
  }
}

describe('lockStateDirectory', () => {
  const directory = '/state'
  const bootId = 'boot-1'

  it('is held until it is released', async () => {
    const fileSystem = new SimulatedDisk()
    const a = { pid: 10, startTime: '100' }
    const b = { pid: 11, startTime: '101' }
    const lock = await lockStateDirectory({ directory, bootId, fileSystem, processes: processTable(a, b) })
    const contend = lockStateDirectory({ directory, bootId, fileSystem, processes: processTable(b, a) })
    await expect(contend).rejects.toMatchObject({ code: 'StateDirectoryLocked', directory, pid: 10 })
    await lock.release()
    await (await lockStateDirectory({ directory, bootId, fileSystem, processes: processTable(b, a) })).release()
    expect(await fileSystem.readDirectory()).toEqual([])
  })

  it('is refused to the process that holds it already', async () => {
    const fileSystem = new SimulatedDisk()
    const processes = processTable({ pid: 1, startTime: '100' })
    await lockStateDirectory({ directory, bootId, fileSystem, processes })
    await expect(lockStateDirectory({ directory, bootId, fileSystem, processes })).rejects.toThrow(
      'the state directory /state is in use by process 1',
    )
    expect(await fileSystem.readDirectory()).toHaveLength(1)
  })

  it.each([
    ['a dead process', { pid: 7, startTime: '70' }, { pid: 10, startTime: '100' }, bootId],
    ['a process whose pid is in use again', { pid: 11, startTime: '70' }, { pid: 10, startTime: '100' }, bootId],
    ['pid 1 of a container that was started anew', { pid: 1, startTime: '70' }, { pid: 1, startTime: '100' }, bootId],
    [
      'the same pid and start time in an earlier boot',
      { pid: 1, startTime: '70' },
      { pid: 1, startTime: '70' },
      'boot-0',
    ],
    [
      'a boot whose id is no file name',
      { pid: 7, startTime: '70' },
      { pid: 10, startTime: '100' },
      '{ sec = 1/2.3 } %',
    ],
  ])('is taken over from %s', async (_, dead, self, deadBootId) => {
    const fileSystem = new SimulatedDisk()
    await lockStateDirectory({ directory, bootId: deadBootId, fileSystem, processes: processTable(dead) })
    const processes = processTable(self, { pid: 11, startTime: '101' })
    await lockStateDirectory({ directory, bootId, fileSystem, processes })
    expect(await fileSystem.readDirectory()).toEqual([`lock.boot-1.${self.pid}.${self.startTime}`])
  })

  it('leaves other files alone', async () => {
    const image = new Map(['journal', 'lock', 'lock.txt', 'lock.a.b.c'].map(name => [name, Buffer.alloc(0)]))
    const fileSystem = new SimulatedDisk({ image })
    const processes = processTable({ pid: 1, startTime: '1' })
    await (await lockStateDirectory({ directory, bootId, fileSystem, processes })).release()
    expect(await fileSystem.readDirectory()).toEqual([...image.keys()])
  })

  it('R18: has never two holders, whatever the order in which contenders and takeovers interleave', async () => {
    let holders = 0
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, contenders) => {
        const disk = new SimulatedDisk()
        const dead = { pid: 1, startTime: '0' }
        await lockStateDirectory({ directory, bootId, fileSystem: disk, processes: processTable(dead) })
        const alive = Array.from({ length: contenders }, (_, index) => ({ pid: index + 2, startTime: '0' }))
        const fileSystem = varyCalls(disk, {
          createFile: scheduler.scheduleFunction(path => disk.createFile(path)),
          unlink: scheduler.scheduleFunction(path => disk.unlink(path)),
          readDirectory: scheduler.scheduleFunction(() => disk.readDirectory()),
        })
        const outcomes = await scheduler.waitFor(
          Promise.allSettled(
            alive.map(self =>
              lockStateDirectory({ directory, bootId, fileSystem, processes: processTable(self, ...alive) }),
            ),
          ),
        )
        const held = outcomes.filter(({ status }) => status === 'fulfilled').length
        expect(held).toBeLessThanOrEqual(1)
        expect(await disk.readDirectory()).toHaveLength(held)
        holders += held
      }),
      { numRuns: 300 },
    )
    expect(holders).toBeGreaterThan(0)
  })

  it('names the directory and the code when the disk does not let it, and takes its claim back', async () => {
    const fileSystem = new SimulatedDisk()
    const unreadable = varyCalls(fileSystem, { readDirectory: () => Promise.reject(systemError('EACCES')) })
    const processes = processTable({ pid: 1, startTime: '1' })
    const error = await lockStateDirectory({ directory, bootId, fileSystem: unreadable, processes }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(PersistenceError)
    expect(error).toMatchObject({ path: directory, causeCode: 'EACCES' })
    expect(await fileSystem.readDirectory()).toEqual([])
  })
})

describe('lockStateDirectory between processes', () => {
  let directory: string
  const children: ChildProcess[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lock-'))
  })

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  })

  async function startHolder(): Promise<{ readonly child: ChildProcess; readonly outcome: string }> {
    const program = fileURLToPath(new URL('../../test/journal/hold-lock.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@iothub-dm/source', program, directory], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    children.push(child)
    const [outcome] = await once(createInterface(child.stdout), 'line')
    return { child, outcome: String(outcome) }
  }

  it('is released by the death of its holder', async () => {
    const bootId = await readBootId()
    const { child, outcome } = await startHolder()
    expect(outcome).toBe('locked')
    const error = await lockStateDirectory({ directory, bootId }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StateDirectoryLockedError)
    expect(error).toMatchObject({ pid: child.pid })

    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    expect(await readdir(directory)).toHaveLength(1)
    await lockStateDirectory({ directory, bootId })
    expect(await readdir(directory)).toHaveLength(1)
    expect((await startHolder()).outcome).toBe('StateDirectoryLocked')
  }, 60_000)

  it('is taken over from an earlier life with the pid of this process', async () => {
    const bootId = await readBootId()
    await writeFile(join(directory, `lock.${bootId}.${process.pid}.1`), '')
    await lockStateDirectory({ directory, bootId })
    const [claim] = await readdir(directory)
    expect(claim).toMatch(new RegExp(`^lock\\.${bootId}\\.${process.pid}\\.\\d\\d+$`))
    await expect(lockStateDirectory({ directory, bootId })).rejects.toThrow(StateDirectoryLockedError)
  })
})
