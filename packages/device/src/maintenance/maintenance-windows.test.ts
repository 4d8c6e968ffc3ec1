import { action, defineContract, type JsonObject, type JsonValue, type MaintenancePolicy } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { LaneBench } from '../../test/lane-bench.ts'
import { implement } from '../implementation/implement.ts'
import type { AdmissionGate } from '../operation/admission-gate.ts'
import { MaintenanceWindows } from './maintenance-windows.ts'

const night: MaintenancePolicy = { windows: [{ start: '02:00', durationMinutes: 60 }] }
const hourInMs = 3_600_000

/** A device at midnight, with a policy of an earlier life. */
async function start(applied?: JsonValue | MaintenancePolicy, random = 0) {
  const runs: string[] = []
  const contract = defineContract({ actions: { restart: action({ effects: ['restarts'] }), read: action() } })
  const run = (op: { readonly operationId: string }) => void runs.push(op.operationId)
  const implementation = implement(contract, { actions: { restart: run, read: run } })
  const gate: AdmissionGate = { admit: (request, context) => windows.admit(request, context) }
  const bench = await LaneBench.start({ implementation, gate, operations: { whenBusy: 'queue' } })
  let setForwardByInMs = 0
  const setClock = (time: string) => {
    setForwardByInMs = Date.parse(time) - bench.clock.now()
  }
  const reports: (JsonObject | undefined)[] = []
  const windows = new MaintenanceWindows({
    section: 'maintenanceWindow',
    applied: applied === undefined ? undefined : JSON.parse(JSON.stringify(applied)),
    effectsOf: name => (name === 'restart' ? ['restarts'] : []),
    clock: {
      now: () => bench.clock.now() + setForwardByInMs,
      setTimeout: (...args) => bench.clock.setTimeout(...args),
    },
    sleep: bench.sleep,
    random: () => random,
    onChange: () => reports.push(windows.report()),
  })
  const set = async (maintenanceWindow: unknown) => {
    const properties = maintenanceWindow === undefined ? {} : JSON.parse(JSON.stringify({ maintenanceWindow }))
    windows.desiredChanged({ kind: 'patch', desired: { properties, version: 2 }, patch: {} })
    await bench.settled()
  }
  return { bench, windows, runs, reports, set, setClock, record: () => bench.life.store.get('op')?.record }
}

describe('MaintenanceWindows', () => {
  it('hold nothing without a policy, and report nothing', async () => {
    const { bench, windows, runs } = await start()
    await bench.call('restart', { operationId: 'op' })
    expect(runs).toEqual(['op'])
    expect(windows.report()).toBeUndefined()
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('hold what disturbs until a window opens, and nothing else', async () => {
    const { bench, runs, record } = await start(night)
    await bench.call('read', { operationId: 'read' })
    await bench.call('restart', { operationId: 'op' })
    expect(runs).toEqual(['read'])
    const detail = 'waits for the maintenance window, until 2026-01-01T02:00:00.000Z'
    expect(record()).toMatchObject({ state: 'waiting', attempt: 0, detail })
    await bench.pass(2 * hourInMs - 1)
    expect(runs).toEqual(['read'])
    await bench.pass(1)
    expect(runs).toEqual(['read', 'op'])
  })

  it('hold what they have held before, in the next life', async () => {
    const { bench, runs, record } = await start(night)
    await bench.call('restart', { operationId: 'op' })
    await bench.restart()
    expect(record()).toMatchObject({ state: 'waiting' })
    await bench.pass(2 * hourInMs)
    expect(runs).toContain('op')
  })

  it('let go when the policy is changed or removed, or overridden', async () => {
    for (const policy of [
      undefined,
      { ...night, actions: [] },
      { windows: [{ start: '00:00', durationMinutes: 30 }] },
      { ...night, override: { until: '2026-01-01T00:30:00Z' } },
    ]) {
      const { bench, runs, set } = await start(night)
      await bench.call('restart', { operationId: 'op' })
      expect(runs).toEqual([])
      await set(policy)
      expect(runs).toEqual(['op'])
      // What waited for the window keeps no process alive; who looks at the clock for the report ends with the agent.
      expect(bench.clock.pendingTimers).toBe(policy === undefined ? 0 : 1)
    }
  })

  it('report the new opening to the operation that waits', async () => {
    const { bench, set, record } = await start(night)
    await bench.call('restart', { operationId: 'op' })
    await set({ ...night, blackouts: [{ from: '2026-01-01' }] })
    expect(record()?.detail).toBe('waits for the maintenance window, until 2026-01-02T02:00:00.000Z')
    await set({ windows: [] })
    expect(record()?.detail).toBe('waits for a maintenance window, and none opens within a year')
  })

  it('stay as they are when a policy breaks the schema, now or in the journal', async () => {
    const { bench, windows, runs, set } = await start(night)
    await set({ windows: 'never' })
    expect(windows.report()).toMatchObject({ open: false })
    await bench.call('restart', { operationId: 'op' })
    expect(runs).toEqual([])
    expect((await start({ windows: 5 })).windows.report()).toBeUndefined()
  })

  it('hold an operation that can be cancelled, and expires', async () => {
    const { bench, runs } = await start(night)
    await bench.call('restart', { operationId: 'a' })
    await bench.life.manager.cancel('a')
    await bench.call('restart', { operationId: 'b', expiresAt: '2026-01-01T01:00:00Z' })
    await bench.pass(3 * hourInMs)
    expect([bench.life.state('a'), bench.life.state('b')]).toEqual(['cancelled', 'expired'])
    expect(runs).toEqual([])
  })

  it('let a device begin at its own time within the spread', async () => {
    const { bench, runs } = await start({ ...night, spreadSeconds: 600 }, 0.5)
    await bench.call('restart', { operationId: 'op' })
    await bench.pass(2 * hourInMs + 299_999)
    expect(runs).toEqual([])
    await bench.pass(1)
    expect(runs).toEqual(['op'])
  })

  it('report when they open and close, once each', async () => {
    const { bench, windows, reports } = await start(night)
    expect(windows.report()).toEqual({ open: false, nextOpening: '2026-01-01T02:00:00.000Z' })
    await bench.pass(4 * hourInMs)
    expect(reports).toEqual([
      { open: true, nextClosing: '2026-01-01T03:00:00.000Z' },
      { open: false, nextOpening: '2026-01-02T02:00:00.000Z' },
    ])
    windows.close()
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('R16: notice within a minute that the clock was set', async () => {
    const { bench, reports, runs, setClock } = await start(night)
    await bench.call('restart', { operationId: 'op' })
    setClock('2026-01-01T02:30:00Z')
    await bench.pass(60_000)
    expect(reports.at(-1)).toMatchObject({ open: true })
    expect(runs).toEqual(['op'])
    setClock('2026-01-01T00:30:00Z')
    await bench.pass(60_000)
    expect(reports.at(-1)).toMatchObject({ open: false })
  })
})
