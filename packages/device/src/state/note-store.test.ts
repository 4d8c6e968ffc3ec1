import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { DeviceState } from './device-state.ts'

function open(fileSystem: SimulatedDisk): Promise<DeviceState> {
  return DeviceState.open({ directory: '/state', fileSystem, now: () => 0, actionOf: () => undefined })
}

describe('NoteStore', () => {
  it('keeps the newest of each name across restarts, and forgets what it is told to', async () => {
    const disk = new SimulatedDisk()
    const first = await open(disk)
    await first.notes.record('a', { b: [1] })
    await first.notes.record('a', 'newer')
    await first.notes.record('__proto__', 5)
    await first.notes.record('gone', true)
    await first.notes.record('gone', undefined)
    await first.close()
    for (let life = 0; life < 2; life += 1) {
      const { notes } = await open(disk)
      expect([notes.get('a'), notes.get('__proto__'), notes.get('gone')]).toEqual(['newer', 5, undefined])
    }
  })

  it('writes nothing to forget what it does not know', async () => {
    const disk = new SimulatedDisk()
    const { notes } = await open(disk)
    const before = disk.calls.length
    await notes.record('a', undefined)
    expect(disk.calls).toHaveLength(before)
  })

  it('shows nothing that the disk has refused', async () => {
    let full = false
    const { notes } = await open(new SimulatedDisk({ fault: () => (full ? 'ENOSPC' : undefined) }))
    await notes.record('a', 1)
    full = true
    await expect(notes.record('a', 2)).rejects.toMatchObject({ code: 'PersistenceFailed' })
    expect(notes.get('a')).toBe(1)
  })
})
