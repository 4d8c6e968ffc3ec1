import { action, defineContract, type JsonObject, operationSection, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { LaneBench, type LaneBenchOptions } from '../../test/lane-bench.ts'
import { type Gate, gate } from '../../test/simulated-life.ts'
import { implement } from '../implementation/implement.ts'

const contract = defineContract({
  actions: {
    work: action({
      request: v.object({ size: v.optional(v.number()), key: v.optional(v.string()) }),
      secrets: ['key'],
    }),
    other: action(),
    reboot,
  },
})

/** What the handlers of `work` were run for. */
interface Bench {
  readonly bench: LaneBench
  readonly runs: [operationId: string, size: number | undefined][]
}

async function start(options: Partial<LaneBenchOptions> & { readonly until?: Gate } = {}): Promise<Bench> {
  const runs: Bench['runs'] = []
  const implementation = implement(contract, {
    actions: {
      work: async op => {
        runs.push([op.operationId, op.request.size])
        await options.until?.promise
      },
      other: () => options.until?.promise,
      reboot: op => op.restart(() => {}),
    },
  })
  return { bench: await LaneBench.start({ implementation, ...options }), runs }
}

function asking(work: JsonObject | null): JsonObject {
  return { iothubDM: { work } }
}

function section(bench: LaneBench, actionName = 'work'): JsonObject {
  return operationSection(bench.reported, actionName)
}

/** The next life has an empty disk. */
async function lose(bench: LaneBench): Promise<void> {
  bench.disk = new SimulatedDisk()
  await bench.restart()
  await bench.settled()
}

describe('DesiredLane', () => {
  it('begins what a patch asks for, once, whatever comes again', async () => {
    const { bench, runs } = await start()
    await bench.change(asking({ operationId: 'op', size: 5 }))
    expect(section(bench)).toMatchObject({ operationId: 'op', state: 'succeeded' })
    await bench.change({ other: 1 })
    await bench.change(asking({ operationId: 'op', size: 5 }))
    await bench.read()
    await bench.restart()
    expect(runs).toEqual([['op', 5]])
    expect(bench.errors).toEqual([])
  })

  it('begins what was asked for while the device was away', async () => {
    const { bench, runs } = await start()
    bench.write(asking({ operationId: 'op' }))
    bench.write({ iothubDM: { other: { operationId: 'op-2' } } })
    await bench.restart()
    await bench.advance(60_000)
    expect(runs).toEqual([['op', undefined]])
    expect(section(bench, 'other')).toMatchObject({ operationId: 'op-2', state: 'succeeded' })
  })

  it.each(['method first', 'desired first'])('C3: takes the same operation once from both lanes: %s', async order => {
    const { bench, runs } = await start()
    const desired = () => bench.change(asking({ operationId: 'op', size: 5 }))
    const method = () => bench.call('work', { operationId: 'op', size: 5 })
    if (order === 'method first') expect(await method()).toMatchObject({ status: 202 })
    await desired()
    expect(await method()).toEqual({ status: 200, payload: { operationId: 'op', state: 'succeeded' } })
    expect(runs).toEqual([['op', 5]])
  })

  it('begins another operation for another id, and for another content without one', async () => {
    const { bench, runs } = await start()
    await bench.change(asking({ operationId: 'a' }))
    await bench.change(asking({ operationId: 'b' }))
    await bench.change(asking({ operationId: null, size: 1 }))
    await bench.change(asking({ size: 2 }))
    await bench.read()
    await bench.restart()
    expect(runs.map(([, size]) => size)).toEqual([undefined, undefined, 1, 2])
    expect(new Set(runs.map(([operationId]) => operationId)).size).toBe(4)
    expect(runs[3]?.[0]).toMatch(/^desired-5-[0-9a-f]{32}$/)
  })

  it('begins the same content without an id again only after it was removed', async () => {
    const { bench, runs } = await start()
    await bench.change(asking({ size: 1 }))
    await bench.change(asking({ size: 1 }))
    await bench.restart()
    expect(runs).toHaveLength(1)
    await bench.change(asking(null))
    await bench.change(asking({ size: 1 }))
    expect(runs).toHaveLength(2)
    expect(runs[0]?.[0]).not.toBe(runs[1]?.[0])
  })

  it('keeps the id of one without an id in the next life, also when it was killed before it had begun', async () => {
    const until = gate()
    const { bench, runs } = await start({ until })
    await bench.call('other', { operationId: 'busy' })
    await bench.change(asking({ size: 1 }))
    bench.write({ unrelated: 1 })
    await bench.restart()
    until.open()
    await bench.settled()
    expect(runs).toEqual([[expect.stringMatching(/^desired-2-/), 1]])
  })

  it('F23: takes a fresh secret for the same operation, and reports none', async () => {
    const { bench, runs } = await start()
    await bench.change(asking({ size: 1, key: 'first secret' }))
    await bench.change(asking({ key: 'second secret' }))
    await bench.restart()
    expect(runs).toHaveLength(1)
    expect(JSON.stringify(bench.reported)).not.toContain('secret')
  })

  it('waits while the device is busy, and takes it up when that is over', async () => {
    const until = gate()
    const { bench, runs } = await start({ until })
    await bench.call('other', { operationId: 'busy' })
    await bench.change(asking({ operationId: 'op', size: 1 }))
    expect(runs).toEqual([])
    until.open()
    await bench.settled()
    expect(runs).toEqual([['op', 1]])
    expect(section(bench, 'other')).toMatchObject({ operationId: 'busy', state: 'succeeded' })
  })

  it('reports the end of the operation before, although the next one waits for nothing else', async () => {
    const until = gate()
    const { bench } = await start({ until })
    const seen: unknown[] = []
    await bench.call('work', { operationId: 'first' })
    await bench.change(asking({ operationId: 'second' }))
    const report = bench.report.bind(bench)
    bench.report = async () => {
      await report()
      const { operationId, state } = section(bench)
      seen.push({ operationId, state })
    }
    until.open()
    await bench.settled()
    expect(seen).toContainEqual({ operationId: 'first', state: 'succeeded' })
    expect(section(bench)).toMatchObject({ operationId: 'second', state: 'succeeded' })
  })

  it('forgets what is removed, or changed, before it could begin', async () => {
    const until = gate()
    const { bench, runs } = await start({ until })
    await bench.call('other', { operationId: 'busy' })
    await bench.change(asking({ operationId: 'a' }))
    await bench.change(asking({ operationId: 'b' }))
    await bench.change({ iothubDM: { reboot: { operationId: 'c' } } })
    await bench.change({ iothubDM: { reboot: null } })
    until.open()
    await bench.settled()
    expect(runs).toEqual([['b', undefined]])
    expect(section(bench, 'reboot')).toEqual({})
  })

  it('leaves an operation alone whose request is removed', async () => {
    const until = gate()
    const { bench } = await start({ until })
    await bench.change(asking({ operationId: 'op' }))
    await bench.change(asking(null))
    expect(section(bench)).toMatchObject({ operationId: 'op', state: 'running' })
    until.open()
    await bench.settled()
    expect(section(bench)).toMatchObject({ operationId: 'op', state: 'succeeded' })
  })

  it('reports a request that breaks the schema, once, under its id', async () => {
    const { bench, runs } = await start()
    await bench.change(asking({ operationId: 'op', size: 'large', key: 5 }))
    const error = { code: 'InvalidPayload', message: expect.stringContaining('size: '), retryable: false }
    expect(section(bench)).toMatchObject({ operationId: 'op', state: 'rejected', attempt: 0, error })
    const before = bench.reported
    await bench.advance(120_000)
    await bench.restart()
    expect(bench.reported).toEqual(before)
    expect(await bench.call('work', { operationId: 'op', size: 'large' })).toMatchObject({
      status: 200,
      payload: { operationId: 'op', state: 'rejected', error: { code: 'InvalidPayload' } },
    })
    expect(runs).toEqual([])
  })

  it.each([5, 'text', [1], true])('reports %j, which is no request at all', async value => {
    const { bench } = await start()
    await bench.change({ iothubDM: { work: value } })
    expect(section(bench)).toMatchObject({
      operationId: expect.stringMatching(/^desired-2-/),
      state: 'rejected',
      error: { code: 'InvalidPayload' },
    })
  })

  it('reads a bare value as the pattern of the action does', async () => {
    const { bench } = await start()
    await bench.change({ iothubDM: { reboot: 60 } })
    expect(section(bench, 'reboot')).toMatchObject({ state: 'waiting', detail: 'starts at 2026-01-01T00:01:00.000Z' })
  })

  it('C4: reports one that has expired, as expired', async () => {
    const { bench, runs } = await start()
    await bench.change(asking({ operationId: 'op', expiresAt: '2025-12-31T00:00:00Z' }))
    expect(section(bench)).toMatchObject({ operationId: 'op', state: 'expired', error: { code: 'Expired' } })
    expect(runs).toEqual([])
  })

  it('reports one that expires while the device is busy', async () => {
    const until = gate()
    const { bench, runs } = await start({ until })
    await bench.call('other', { operationId: 'busy' })
    await bench.change(asking({ operationId: 'op', expiresAt: '2026-01-01T00:00:30Z' }))
    expect(section(bench)).toEqual({})
    await bench.advance(60_000)
    expect(section(bench)).toMatchObject({ operationId: 'op', state: 'expired' })
    until.open()
    await bench.settled()
    expect(runs).toEqual([])
  })

  it('reports an id that belongs to another request, under an id of its own', async () => {
    const { bench, runs } = await start()
    await bench.call('work', { operationId: 'op', size: 1 })
    await bench.change(asking({ operationId: 'op', size: 2 }))
    expect(section(bench)).toMatchObject({
      operationId: expect.stringMatching(/^desired-2-/),
      state: 'rejected',
      error: { code: 'OperationConflict' },
    })
    expect(bench.life.store.get('op')?.record.state).toBe('succeeded')
    expect(runs).toEqual([['op', 1]])
  })

  it('does not hide an operation that is under way behind a refusal', async () => {
    const until = gate()
    const { bench } = await start({ until })
    await bench.call('work', { operationId: 'op' })
    await bench.change(asking({ operationId: 'bad', size: 'large' }))
    expect(section(bench)).toMatchObject({ operationId: 'op', state: 'running' })
    until.open()
    await bench.settled()
    expect(section(bench)).toMatchObject({ operationId: 'bad', state: 'rejected' })
  })

  it('tries again when the disk had failed', async () => {
    let full = false
    const disk = new SimulatedDisk({ fault: () => (full ? 'ENOSPC' : undefined) })
    const { bench, runs } = await start({ disk })
    full = true
    bench.write(asking({ operationId: 'op' }))
    await bench.read().catch(() => {})
    expect(runs).toEqual([])
    expect(bench.errors).toEqual([expect.objectContaining({ code: 'PersistenceFailed' })])
    full = false
    await bench.advance(60_000)
    expect(runs).toEqual([['op', undefined]])
  })

  describe('on a device that has lost its journal', () => {
    it.each([{ operationId: 'op', size: 1 }, { size: 1 }])(
      'does not run %j again that the hub knows to be over',
      async request => {
        const { bench, runs } = await start()
        await bench.change(asking(request))
        const before = bench.reported
        bench.write({ unrelated: 1 })
        await lose(bench)
        expect(runs).toHaveLength(1)
        expect(bench.reported).toEqual(before)
        await bench.restart()
        expect(runs).toHaveLength(1)
        const { operationId } = section(bench)
        expect(await bench.call('work', { operationId, size: 1 })).toMatchObject({ payload: { state: 'succeeded' } })
      },
    )

    it('reports one that was under way as failed: nobody knows how far it came', async () => {
      const until = gate()
      const { bench, runs } = await start({ until })
      await bench.change(asking({ operationId: 'op' }))
      await lose(bench)
      expect(section(bench)).toMatchObject({ operationId: 'op', state: 'failed', error: { code: 'OutcomeUnknown' } })
      expect(runs).toHaveLength(1)
    })

    it('begins one that had not begun', async () => {
      const { bench } = await start()
      await bench.change({ iothubDM: { reboot: { operationId: 'op', delaySeconds: 60 } } })
      expect(section(bench, 'reboot')).toMatchObject({ state: 'waiting' })
      await lose(bench)
      expect(bench.life.state()).toBe('waiting')
    })
  })

  it('C3: does not begin again what the journal has forgotten since', async () => {
    const { bench, runs } = await start()
    await bench.change(asking({ operationId: 'old' }))
    await bench.call('work', { operationId: 'new' })
    await bench.advance(8 * 24 * 3_600_000)
    await bench.restart()
    expect(bench.life.store.get('old')).toBeUndefined()
    await bench.change(asking({ key: 'fresh secret' }))
    await bench.restart()
    expect(runs.map(([operationId]) => operationId)).toEqual(['old', 'new'])
  })

  it('leaves nothing behind when it is closed', async () => {
    const until = gate()
    const { bench } = await start({ until })
    await bench.call('other', { operationId: 'busy' })
    await bench.change(asking({ operationId: 'op' }))
    const closing = bench.close()
    until.open()
    await closing
    expect(bench.clock.pendingTimers).toBe(0)
  })
})
