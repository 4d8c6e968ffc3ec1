import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { ConfigurationBench, type ConfigurationBenchOptions, TwinOfHub } from '../../test/configuration-bench.ts'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate } from '../../test/simulated-life.ts'

const confirmWithinInMs = 60_000
const notReached = 'the hub was not reached by 1970-01-01T00:01:00.000Z; the value before is in use'

/** A device on which a first value is in use, and the hub goes away with the second one. */
async function cutOff(options: ConfigurationBenchOptions = {}): Promise<ConfigurationBench> {
  const bench = await ConfigurationBench.start({ confirmWithinInMs, ...options })
  await bench.connect()
  await bench.change({ telemetry: { fps: 1 } })
  bench.hub.away = true
  await bench.change({ telemetry: { fps: 2 } })
  return bench
}

/** The values that the handler was called with. */
function valuesOf({ calls }: ConfigurationBench): readonly unknown[] {
  return calls.map(({ desired, isPutBack }) => [desired, isPutBack])
}

describe('a configuration that is kept only when the hub is reached again', () => {
  it('is kept after one round trip that began once it was in use', async () => {
    const bench = await ConfigurationBench.start({ confirmWithinInMs })
    await bench.connect()
    const { reads } = bench.hub
    await bench.change({ telemetry: { fps: 1 } })
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 1 }, ac: 200, av: 2 } })
    expect({ reads: bench.hub.reads - reads, reports: bench.hub.reports.length }).toEqual({ reads: 1, reports: 1 })
    bench.clock.advance(confirmWithinInMs)
    await bench.settled()
    expect(bench.calls).toHaveLength(1)
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('is not confirmed by an answer to a call that began before it was in use', async () => {
    const answer = gate()
    const bench = await ConfigurationBench.start({ confirmWithinInMs })
    await bench.connect()
    bench.hub.beforeAnswer = answer.promise
    bench.writer.readAgain()
    await bench.change({ telemetry: { fps: 1 } })
    bench.hub.beforeAnswer = new Promise(() => {})
    answer.open()
    await bench.settled()
    bench.clock.advance(confirmWithinInMs)
    await bench.settled()
    expect(valuesOf(bench)).toEqual([
      [{ fps: 1 }, false],
      [undefined, true],
    ])
  })

  it('is put back when its time is over, and the back end is told why once the hub is there again', async () => {
    const bench = await cutOff()
    bench.clock.advance(confirmWithinInMs - 1)
    await bench.settled()
    expect(bench.calls).toHaveLength(2)
    bench.clock.advance(1)
    await bench.settled()
    expect(bench.calls[2]).toEqual({
      name: 'telemetry',
      desired: { fps: 1 },
      previous: { fps: 2 },
      version: 2,
      attempt: 1,
      isPutBack: true,
    })
    bench.hub.away = false
    await bench.connect()
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 1 }, ac: 500, av: 3, ad: notReached } })
    // That version is not tried again, another one is.
    await bench.connect()
    expect(bench.calls).toHaveLength(3)
    await bench.change({ telemetry: { fps: 2 } })
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 2 }, ac: 200, av: 4 } })
  })

  it('is kept when the hub comes back in time', async () => {
    const bench = await cutOff()
    bench.clock.advance(confirmWithinInMs - 1)
    bench.hub.away = false
    await bench.connect()
    bench.clock.advance(confirmWithinInMs)
    await bench.settled()
    expect(valuesOf(bench)).toEqual([
      [{ fps: 1 }, false],
      [{ fps: 2 }, false],
    ])
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 2 }, ac: 200, av: 3 } })
  })

  it('goes back to the value of the device, or to nothing', async () => {
    const hub = new TwinOfHub()
    const bench = await ConfigurationBench.start({ hub, confirmWithinInMs, defaults: { fps: 30 } })
    await bench.connect()
    hub.away = true
    await bench.change({ telemetry: { fps: 2 } })
    bench.clock.advance(confirmWithinInMs)
    await bench.settled()
    expect(bench.calls[1]).toMatchObject({ desired: undefined, previous: { fps: 2 }, version: 0, isPutBack: true })
    hub.away = false
    await bench.connect()
    expect(hub.reported).toMatchObject({ telemetry: { value: { fps: 30 }, ac: 500, av: 2 } })
  })

  it('is put back by the next life, without a hub, when its time ran out meanwhile', async () => {
    const [disk, hub] = [new SimulatedDisk(), new TwinOfHub()]
    await cutOff({ disk, hub })
    const clock = new ManualClock(confirmWithinInMs + 1)
    const next = await ConfigurationBench.start({ disk, hub, clock, confirmWithinInMs })
    clock.advance(0)
    await next.settled()
    expect(next.calls).toMatchObject([{ desired: { fps: 1 }, previous: { fps: 2 }, isPutBack: true }])
    hub.away = false
    await next.connect()
    expect(hub.reported).toMatchObject({ telemetry: { value: { fps: 1 }, ac: 500, av: 3, ad: notReached } })
  })

  it('stays on trial in the next life until its time is over, also when the clock was set back', async () => {
    const [disk, hub] = [new SimulatedDisk(), new TwinOfHub()]
    await cutOff({ disk, hub, clock: new ManualClock(0) })
    const clock = new ManualClock(-1_000_000)
    const next = await ConfigurationBench.start({ disk, hub, clock, confirmWithinInMs })
    clock.advance(confirmWithinInMs - 1)
    await next.settled()
    expect(next.calls).toEqual([])
    clock.advance(1)
    await next.settled()
    expect(valuesOf(next)).toEqual([[{ fps: 1 }, true]])
  })

  it('is kept by the next life when the hub is reached in time, without the handler', async () => {
    const [disk, hub] = [new SimulatedDisk(), new TwinOfHub()]
    await cutOff({ disk, hub })
    hub.away = false
    const next = await ConfigurationBench.start({ disk, hub, confirmWithinInMs })
    await next.connect()
    next.clock.advance(confirmWithinInMs)
    await next.settled()
    expect(next.calls).toEqual([])
    expect(hub.reported).toEqual({ telemetry: { value: { fps: 2 }, ac: 200, av: 3 } })
  })

  it('is put back without a hub when the device was cut off in its handler and hears of none in time', async () => {
    const [disk, hub] = [new SimulatedDisk(), new TwinOfHub()]
    await cutOff({ disk, hub, handle: ({ desired }) => (hub.away ? gate().promise : desired) })
    const next = await ConfigurationBench.start({ disk, hub, confirmWithinInMs })
    await next.settled()
    expect(next.calls).toEqual([])
    next.clock.advance(confirmWithinInMs)
    await next.settled()
    expect(next.calls).toMatchObject([{ desired: { fps: 1 }, previous: { fps: 2 }, isPutBack: true }])
  })

  it('is done again when the device was cut off in its handler and hears of a hub', async () => {
    const [disk, hub] = [new SimulatedDisk(), new TwinOfHub()]
    await cutOff({ disk, hub, handle: ({ desired }) => (hub.away ? gate().promise : desired) })
    hub.away = false
    const next = await ConfigurationBench.start({ disk, hub, confirmWithinInMs })
    await next.connect()
    expect(next.calls).toMatchObject([{ desired: { fps: 2 }, attempt: 2, isPutBack: false }])
    expect(hub.reported).toEqual({ telemetry: { value: { fps: 2 }, ac: 200, av: 3 } })
  })

  it('does not count a life that was ended in good order, in its handler or while it puts back', async () => {
    const [disk, hub] = [new SimulatedDisk(), new TwinOfHub()]
    const untilClosed: ConfigurationBenchOptions['handle'] = ({ signal }) =>
      hub.away &&
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
    const first = await cutOff({ disk, hub, handle: untilClosed })
    await first.close()
    for (let life = 0; life < 5; life += 1) {
      const next = await ConfigurationBench.start({ disk, hub, handle: untilClosed, confirmWithinInMs })
      next.clock.advance(confirmWithinInMs)
      await next.settled()
      expect(next.calls).toMatchObject([{ desired: { fps: 1 }, attempt: 1, isPutBack: true }])
      await next.close()
    }
  })

  it('is left in use when it cannot be put back, and that is told', async () => {
    const failure = new Error('no modem')
    const bench = await cutOff({
      handle: ({ isPutBack }) => {
        if (isPutBack) throw failure
      },
    })
    for (let second = 0; second < 70; second += 1) {
      bench.clock.advance(1_000)
      await bench.settled()
    }
    expect(bench.calls.filter(({ isPutBack }) => isPutBack).map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(bench.errors.filter(error => error === failure)).toHaveLength(3)
    bench.hub.away = false
    await bench.connect()
    expect(bench.hub.reported).toMatchObject({
      telemetry: { value: { fps: 2 }, ac: 500, ad: expect.stringContaining('could not be put back') },
    })
  })

  it('gives way to a newer value only once it is decided', async () => {
    const bench = await cutOff()
    bench.deliver(bench.hub.write({ telemetry: { fps: 3 } }))
    await bench.settled()
    expect(bench.calls).toHaveLength(2)
    bench.hub.away = false
    await bench.connect()
    expect(bench.calls.slice(2)).toMatchObject([{ desired: { fps: 3 }, previous: { fps: 2 }, isPutBack: false }])
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 3 }, ac: 200, av: 4 } })
  })
})

describe('a configuration that only another session confirms', () => {
  it('wants one, and is not confirmed by what the session that was there still carries', async () => {
    const bench = await ConfigurationBench.start({ confirmWithinInMs, confirmBy: 'newSession' })
    await bench.connect()
    await bench.change({ telemetry: { fps: 1 } })
    expect(bench.sessionsWanted).toBe(1)
    bench.writer.readAgain()
    await bench.settled()
    bench.clock.advance(confirmWithinInMs)
    await bench.settled()
    expect(valuesOf(bench)).toEqual([
      [{ fps: 1 }, false],
      [undefined, true],
    ])
    expect(bench.hub.reported).toMatchObject({ telemetry: { ac: 500, av: 2 } })
  })

  it('is kept once another session has begun and the hub has answered in it', async () => {
    const bench = await ConfigurationBench.start({ confirmWithinInMs, confirmBy: 'newSession' })
    await bench.connect()
    await bench.change({ telemetry: { fps: 1 } })
    await bench.connect()
    bench.clock.advance(confirmWithinInMs)
    await bench.settled()
    expect(bench.calls).toHaveLength(1)
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 1 }, ac: 200, av: 2 } })
  })
})

describe('a configuration that is acknowledged by status', () => {
  it('goes from Pending with pendingConfig to Success, and to Error', async () => {
    const slow = gate()
    const bench = await ConfigurationBench.start({
      acknowledgement: 'status',
      defaults: { fps: 30 },
      handle: ({ desired }) => (JSON.stringify(desired) === '{"fps":2}' ? slow.promise : undefined),
    })
    await bench.connect()
    expect(bench.hub.reported).toEqual({ telemetry: { fps: 30 } })
    await bench.change({ telemetry: { fps: 2 } })
    bench.clock.advance(1_000)
    await bench.settled()
    expect(bench.hub.reported).toEqual({ telemetry: { fps: 30, status: 'Pending', pendingConfig: { fps: 2 } } })
    slow.open()
    await bench.settled()
    expect(bench.hub.reported).toEqual({ telemetry: { fps: 2, status: 'Success' } })
    await bench.change({ telemetry: { fps: 61 } })
    expect(bench.hub.reported).toMatchObject({
      telemetry: { fps: 2, status: 'Error', pendingConfig: { fps: 61 }, error: { code: 400 } },
    })
    await bench.change({ telemetry: null })
    expect(bench.hub.reported).toEqual({ telemetry: { fps: 30 } })
  })
})
