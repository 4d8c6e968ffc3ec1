import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { nodeProcessTable, parseProcessStatus } from './process-table.ts'

describe('nodeProcessTable', () => {
  it('knows its own process, and not an earlier one with its pid', async () => {
    const self = await nodeProcessTable.self()
    expect(self.pid).toBe(process.pid)
    expect(await nodeProcessTable.self()).toEqual(self)
    expect(await nodeProcessTable.isAlive(self)).toBe(true)
    expect(await nodeProcessTable.isAlive({ ...self, startTime: '1' })).toBe(false)
  })

  it.runIf(process.platform === 'linux')('knows other processes while they live', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] })
    await once(child, 'spawn')
    const pid = child.pid ?? 0
    const startTime = parseProcessStatus(await readStat(pid))?.startTime ?? ''
    expect(await nodeProcessTable.isAlive({ pid, startTime })).toBe(true)
    expect(await nodeProcessTable.isAlive({ pid, startTime: '1' })).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await nodeProcessTable.isAlive({ pid, startTime })).toBe(false)
  })

  it.runIf(process.platform === 'linux')('takes a process that nobody has waited for as dead', async () => {
    // The shell becomes a program that never waits for its child; the child ends once it has.
    const script = '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 60'
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [output] = await once(parent.stdout, 'data')
      const pid = Number(output)
      const identity = { pid, startTime: parseProcessStatus(await readStat(pid))?.startTime ?? '' }
      await vi.waitFor(async () => expect(parseProcessStatus(await readStat(pid))?.ended).toBe(true))
      expect(await nodeProcessTable.isAlive(identity)).toBe(false)
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

function readStat(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/stat`, 'latin1')
}

describe('parseProcessStatus', () => {
  const rest = '1 100 100 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 2420736 217'

  it('finds the start time behind a program name that holds spaces and parentheses', () => {
    expect(parseProcessStatus(`42 (a) b (c) S ${rest}`)).toEqual({ startTime: '4711', ended: false })
  })

  it('takes a zombie for ended', () => {
    expect(parseProcessStatus(`42 (node) Z ${rest}`)).toEqual({ startTime: '4711', ended: true })
  })

  it.each(['', '42', '42 (node) S 1 2', `42 (node) S ${rest.replace('4711', 'x')}`])('refuses %j', line => {
    expect(parseProcessStatus(line)).toBeUndefined()
  })
})
