import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { decodeJournal } from '../journal/journal-format.ts'
import { DeviceState, parseDeviceEntry } from './device-state.ts'

const applied = {
  applied: { value: { fps: 5 }, version: 2 },
  run: { version: 2, digest: 'a', attempt: 1, outcome: 'applied' },
} as const
const failed = { run: { version: 3, digest: 'b', attempt: 1, outcome: 'failed', detail: 'why' } } as const

async function diskWith(name: string): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  await disk.createDirectory()
  const file = await disk.createFile('/state/journal')
  await file.write(await readFile(new URL(`../../test/journal/golden/${name}`, import.meta.url)))
  await file.sync()
  await file.close()
  await disk.syncDirectory('/state')
  return disk
}

function open(fileSystem: SimulatedDisk): Promise<DeviceState> {
  return DeviceState.open({ directory: '/state', fileSystem, now: () => 0, actionOf: () => undefined })
}

async function entriesOf(disk: SimulatedDisk): Promise<readonly unknown[]> {
  return decodeJournal((await disk.readFile('/state/journal')) ?? Buffer.alloc(0), 'journal', parseDeviceEntry).entries
}

describe('DeviceState', () => {
  it('reads a journal from before there were configurations', async () => {
    await using state = await open(await diskWith('operations-v1'))
    expect(state.operations.get('op-1')?.steps.get('flush')).toEqual({ begun: 1, done: true, result: 'done' })
    expect(state.configurations.get('telemetry')).toEqual({})
  })

  it('reads a journal with both, and keeps the newest entry of each configuration when it is compacted', async () => {
    const disk = await diskWith('configurations-v1')
    const state = await open(disk)
    expect(state.operations.get('op-1')?.record.state).toBe('running')
    expect(state.configurations.get('telemetry')).toEqual(applied)
    expect(state.configurations.get('list')).toEqual(failed)
    await state.close()
    // opening compacts
    const entries = await entriesOf(disk)
    expect(entries).toHaveLength(6)
    expect(entries.slice(0, 2)).toEqual([
      { type: 'configuration', configuration: 'telemetry', state: applied },
      { type: 'configuration', configuration: 'list', state: failed },
    ])
  })

  it('remembers configurations, and shows them only once they are on disk', async () => {
    let code: string | undefined
    const disk = new SimulatedDisk({ fault: call => (call === 'write' ? code : undefined) })
    const state = await open(disk)
    await state.configurations.record('telemetry', applied)
    code = 'ENOSPC'
    await expect(state.configurations.record('telemetry', failed)).rejects.toMatchObject({ code: 'PersistenceFailed' })
    expect(state.configurations.get('telemetry')).toEqual(applied)
    code = undefined
    await state.close()
    await using next = await open(disk)
    expect(next.configurations.get('telemetry')).toEqual(applied)
  })

  it.each([[null], [{ type: 'configuration' }], [{ type: 'configuration', configuration: 'a' }], [{ type: 'other' }]])(
    'refuses what is no entry: %j',
    value => {
      expect(() => parseDeviceEntry(value)).toThrow(TypeError)
    },
  )
})
