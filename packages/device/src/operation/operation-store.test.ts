import { action, type OperationEvent } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { DeviceState } from '../state/device-state.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { OperationLog } from './operation-log.ts'

const time = '1970-01-01T00:00:00.000Z'

function openState(fileSystem: SimulatedDisk, now = () => 0): Promise<DeviceState> {
  const definition = action({ phases: ['one', 'two'] })
  const retention = { periodInMs: 1_000, maxOperations: 100 }
  return DeviceState.open({ directory: '/state', fileSystem, retention, now, actionOf: () => definition })
}

function accepted(operationId = 'op', acceptedTime = time): JournalEntry {
  return { type: 'accepted', operationId, action: 'a', request: {}, time: acceptedTime }
}

function event(what: OperationEvent, operationId = 'op'): JournalEntry {
  return { type: 'event', operationId, event: what }
}

const started = event({ type: 'started', attempt: 1, time })

describe('OperationStore', () => {
  it('reads back what it was given', async () => {
    const disk = new SimulatedDisk()
    const state = await openState(disk)
    const store = state.operations
    await store.record(accepted())
    await store.record(started)
    await store.record({ type: 'stepBegun', operationId: 'op', step: 's' })
    await store.record({ type: 'stepDone', operationId: 'op', step: 's', result: { x: [1] } })
    const log = store.get('op')
    expect(log?.steps.get('s')).toEqual({ begun: 1, once: false, done: true, result: { x: [1] } })
    await state.close()
    await using next = await openState(disk)
    const again = next.operations
    expect(again.get('op')).toEqual(log)
    expect(again.unfinished()).toEqual([log])
    expect(again.newest()).toEqual(new Map([['a', log]]))
  })

  it('shows a change only once it is on disk', async () => {
    const disk = new SimulatedDisk()
    await using state = await openState(disk)
    const store = state.operations
    const callsWhenShown: number[] = []
    store.onChange(() => callsWhenShown.push(disk.calls.findLastIndex(({ kind }) => kind === 'sync')))
    const before = disk.calls.length
    const done = store.record(accepted())
    expect(store.get('op')).toBeUndefined()
    await done
    expect(callsWhenShown).toEqual([before + 1])
    expect(store.get('op')?.record.state).toBe('accepted')
  })

  it('does not show what the disk refused, and goes on once it works again', async () => {
    let code: string | undefined = 'ENOSPC'
    const disk = new SimulatedDisk({ fault: (call, name) => (call === 'write' && name !== 'fresh' ? code : undefined) })
    code = undefined
    await using state = await openState(disk)
    const store = state.operations
    await store.record(accepted())
    code = 'ENOSPC'
    await expect(store.record(started)).rejects.toMatchObject({ code: 'PersistenceFailed', causeCode: 'ENOSPC' })
    expect(store.get('op')?.record.state).toBe('accepted')
    code = undefined
    await store.record(started)
    expect(store.get('op')?.record.state).toBe('running')
  })

  it('writes nothing that changes nothing', async () => {
    const disk = new SimulatedDisk()
    await using state = await openState(disk)
    const store = state.operations
    await store.record(accepted())
    await store.record(started)
    await store.record(event({ type: 'phase', phase: 'two', time }))
    const calls = disk.calls.length
    const log = store.get('op')
    expect(await store.record(event({ type: 'phase', phase: 'one', time }))).toBe(log)
    expect(disk.calls).toHaveLength(calls)
  })

  it('refuses what does not fit, and writes nothing of it', async () => {
    const disk = new SimulatedDisk()
    await using state = await openState(disk)
    const store = state.operations
    await store.record(accepted())
    const calls = disk.calls.length
    await expect(store.record(event({ type: 'succeeded', time }))).rejects.toMatchObject({ code: 'IllegalTransition' })
    await expect(store.record(event({ type: 'cancelled', time }, 'other'))).rejects.toThrow(TypeError)
    expect(disk.calls).toHaveLength(calls)
  })

  it('keeps the order of the calls, progress included', async () => {
    await using opened = await openState(new SimulatedDisk())
    const store = opened.operations
    const shown: OperationLog['record'][] = []
    store.onChange(({ record }) => shown.push(record))
    await Promise.all([
      store.record(accepted()),
      store.record(started),
      store.showProgress('op', { type: 'progress', percent: 5, time }),
      store.record(event({ type: 'phase', phase: 'one', time })),
      store.showProgress('op', { type: 'progress', percent: 3, time }),
      store.record(event({ type: 'failed', error: { code: 'x', message: '', retryable: false }, time })),
      store.showProgress('op', { type: 'progress', percent: 99, time }),
    ])
    expect(shown.map(({ state, status, percent }) => [state, status, percent])).toEqual([
      ['accepted', 'accepted', undefined],
      ['running', 'running', undefined],
      ['running', 'running', 5],
      ['running', 'one', undefined],
      ['running', 'one', 3],
      ['failed', 'one', 3],
    ])
  })

  it('forgets old answers in memory as on disk, whether the hub has them or not', async () => {
    const disk = new SimulatedDisk()
    let now = 0
    const state = await openState(disk, () => now)
    const store = state.operations
    for (let index = 0; index < 20; index += 1) {
      const at = new Date(now).toISOString()
      await store.record(accepted(`op-${index}`, at))
      await store.record(event({ type: 'cancelled', time: at }, `op-${index}`))
      now += 500
    }
    const known = Array.from({ length: 20 }, (_, index) => index).filter(
      index => store.get(`op-${index}`) !== undefined,
    )
    expect(known).toEqual([17, 18, 19])
    await state.close()
    await using next = await openState(disk, () => now)
    const again = next.operations
    expect([...again.newest().keys()]).toEqual(['a'])
    expect(again.get('op-16')).toBeUndefined()
    expect(again.get('op-19')?.record.state).toBe('cancelled')
  })

  it('writes nothing of a step that outlives its operation: the journal may have forgotten it', async () => {
    const disk = new SimulatedDisk()
    const state = await openState(disk)
    const store = state.operations
    await store.record(accepted())
    await store.record(started)
    await store.record(event({ type: 'succeeded', time }))
    const calls = disk.calls.length
    await store.record({ type: 'stepDone', operationId: 'op', step: 'late' })
    expect(disk.calls).toHaveLength(calls)
    await state.close()
    await using next = await openState(disk)
    const again = next.operations
    expect(again.get('op')?.record.state).toBe('succeeded')
  })
})
