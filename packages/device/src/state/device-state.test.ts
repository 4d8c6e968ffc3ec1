import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { decodeJournal } from '../journal/journal-format.ts'
import { parseDeviceEntry } from './device-entry.ts'
import { DeviceState } from './device-state.ts'

const applied = {
  applied: { value: { fps: 5 }, version: 2 },
  run: { version: 2, digest: 'a', attempt: 1, outcome: 'applied' },
} as const
const failed = { run: { version: 3, digest: 'b', attempt: 1, outcome: 'failed', detail: 'why' } } as const

const accepted = {
  type: 'accepted',
  operationId: 'op-1',
  action: 'work',
  request: { target: 5 },
  time: '2026-01-01T00:00:00.000Z',
} as const

async function headerOf(disk: SimulatedDisk): Promise<string | undefined> {
  return Buffer.from((await disk.readFile('/state/journal')) ?? [])
    .toString()
    .split('\n')[0]
}

function open(fileSystem: SimulatedDisk): Promise<DeviceState> {
  return DeviceState.open({ directory: '/state', fileSystem, now: () => 0, actionOf: () => undefined })
}

async function entriesOf(disk: SimulatedDisk): Promise<readonly unknown[]> {
  return decodeJournal((await disk.readFile('/state/journal')) ?? Buffer.alloc(0), 'journal', parseDeviceEntry).entries
}

describe('DeviceState', () => {
  it('keeps the newest entry of each configuration, beside the operations, when it is compacted', async () => {
    const disk = new SimulatedDisk()
    const first = await open(disk)
    await first.operations.record({ ...accepted })
    await first.configurations.record('telemetry', { run: { version: 2, digest: 'a', attempt: 1, outcome: 'begun' } })
    await first.configurations.record('telemetry', applied)
    await first.configurations.record('list', failed)
    await first.close()

    const second = await open(disk)
    expect(second.operations.get('op-1')?.record.state).toBe('accepted')
    expect(second.configurations.get('telemetry')).toEqual(applied)
    expect(second.configurations.get('list')).toEqual(failed)
    await second.close()
    // opening compacts
    expect(await entriesOf(disk)).toEqual([
      { type: 'configuration', configuration: 'telemetry', state: applied },
      { type: 'configuration', configuration: 'list', state: failed },
      accepted,
    ])
  })

  it('R6: writes what 0.1.0 reads as version 1, and as version 2 what it does not', async () => {
    const disk = new SimulatedDisk()
    await using state = await open(disk)
    await state.operations.record({ ...accepted })
    await state.operations.record({ type: 'stepBegun', operationId: 'op-1', step: 'flush' })
    expect(await headerOf(disk)).toContain('"version":1')
    await state.configurations.record('telemetry', applied)
    expect(await headerOf(disk)).toContain('"version":2')
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

  it('R6: passes over an entry of a newer release that says it may be', () => {
    expect(parseDeviceEntry({ type: 'mood', skippable: true, mood: 'fine' })).toBeUndefined()
  })

  it('R6: finds the restarts of 0.1.0, which had no names', () => {
    const entry = { type: 'restart', operationId: 'op-1', progress: 'begun', bootId: 'boot-1', time: '' }
    expect(parseDeviceEntry({ ...entry, index: 0 })).toEqual({ ...entry, name: 'restart' })
    expect(parseDeviceEntry({ ...entry, index: 1 })).toEqual({ ...entry, name: 'restart 2' })
  })

  it.each([[null], [{ type: 'configuration' }], [{ type: 'configuration', configuration: 'a' }], [{ type: 'other' }]])(
    'refuses what is no entry: %j',
    value => {
      expect(() => parseDeviceEntry(value)).toThrow(TypeError)
    },
  )
})
