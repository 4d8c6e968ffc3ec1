import { describe, expect, it } from 'vitest'
import { ConfigurationBench, TwinOfHub } from '../../test/configuration-bench.ts'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate } from '../../test/simulated-life.ts'

const handlerFailed = 'the handler of the configuration failed'

describe('ConfigurationManager', () => {
  it('applies what is desired at the start of a session, and nothing where nothing is', async () => {
    const bench = await ConfigurationBench.start()
    bench.hub.write({ telemetry: { fps: 5 }, other: 1 })
    await bench.connect()
    expect(bench.calls).toEqual([
      { name: 'telemetry', desired: { fps: 5 }, previous: undefined, version: 2, attempt: 1, isPutBack: false },
    ])
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 5 }, ac: 200, av: 2 } })
    expect(bench.hub.reads).toBe(1)
  })

  it('tells a new value, a change and a deletion apart', async () => {
    const bench = await ConfigurationBench.start()
    await bench.connect()
    await bench.change({ list: [1, 2, 3] })
    await bench.change({ list: [9] })
    expect(bench.hub.reported).toEqual({ list: { value: [9], ac: 200, av: 3 } })
    await bench.change({ list: null })
    expect(bench.calls.map(({ desired, previous, version }) => [desired, previous, version])).toEqual([
      [[1, 2, 3], undefined, 2],
      [[9], [1, 2, 3], 3],
      [undefined, [9], 4],
    ])
    expect(bench.hub.reported).toEqual({})
    await bench.change({ list: null })
    expect(bench.calls).toHaveLength(3)
  })

  it('acknowledges the value that it has already at the new version, without the handler', async () => {
    const bench = await ConfigurationBench.start()
    await bench.connect()
    await bench.change({ telemetry: { fps: 5 } })
    await bench.change({ telemetry: { fps: 5 } })
    expect(bench.calls).toHaveLength(1)
    expect(bench.hub.reported).toMatchObject({ telemetry: { ac: 200, av: 3 } })
    const reports = bench.hub.reports.length
    await bench.change({ other: 1 })
    expect(bench.hub.reports).toHaveLength(reports)
  })

  it('does not apply again in the next life', async () => {
    const hub = new TwinOfHub()
    const disk = new SimulatedDisk()
    const first = await ConfigurationBench.start({ hub, disk })
    await first.connect()
    await first.change({ telemetry: { fps: 5 } })
    await first.close()
    const reports = hub.reports.length
    const second = await ConfigurationBench.start({ hub, disk })
    await second.connect()
    expect(second.calls).toEqual([])
    expect(hub.reports).toHaveLength(reports)
    await second.change({ telemetry: { fps: 6 } })
    expect(second.calls).toMatchObject([{ desired: { fps: 6 }, previous: { fps: 5 } }])
  })

  it('refuses what breaks the schema, tells where, and keeps the value in use', async () => {
    const bench = await ConfigurationBench.start()
    await bench.connect()
    await bench.change({ telemetry: { fps: 5 } })
    await bench.change({ telemetry: { fps: 100 } })
    expect(bench.calls).toHaveLength(1)
    expect(bench.hub.reported).toMatchObject({
      telemetry: { value: { fps: 5 }, ac: 400, av: 3, ad: expect.stringMatching(/^fps: /) },
    })
    // back to what it never left
    await bench.change({ telemetry: { fps: 5 } })
    expect(bench.calls).toHaveLength(1)
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 5 }, ac: 200, av: 4 } })
  })

  it('reports a handler that throws without its words, and does not try that version again', async () => {
    const hub = new TwinOfHub()
    const disk = new SimulatedDisk()
    const failure = new TypeError('password: hunter2')
    const handle = () => {
      throw failure
    }
    const first = await ConfigurationBench.start({ hub, disk, handle })
    await first.connect()
    await first.change({ telemetry: { fps: 5 } })
    expect(first.errors).toEqual([failure])
    expect(hub.reported).toEqual({ telemetry: { ac: 500, av: 2, ad: handlerFailed } })
    await first.connect()
    const second = await ConfigurationBench.start({ hub, disk })
    await second.connect()
    expect([...first.calls.slice(1), ...second.calls]).toEqual([])
    // a version of its own is another request
    await second.change({ telemetry: { fps: 5 } })
    expect(second.calls).toMatchObject([{ desired: { fps: 5 }, previous: undefined, version: 3 }])
    expect(hub.reported).toEqual({ telemetry: { value: { fps: 5 }, ac: 200, av: 3 } })
  })

  it('acknowledges with 202 a handler that takes longer than a second', async () => {
    const slow = gate()
    const bench = await ConfigurationBench.start({ handle: () => slow.promise })
    await bench.connect()
    await bench.change({ telemetry: { fps: 5 } })
    expect(bench.hub.reports).toEqual([])
    bench.clock.advance(1_000)
    await bench.settled()
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 5 }, ac: 202, av: 2 } })
    slow.open()
    await bench.settled()
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 5 }, ac: 200, av: 2 } })
    expect(bench.hub.reports).toHaveLength(2)
  })

  it('runs one handler a section at a time, the newest value next, and tells the one that runs', async () => {
    const slow = gate()
    const signals: AbortSignal[] = []
    const bench = await ConfigurationBench.start({
      handle: ({ signal, name, version }) => {
        signals.push(signal)
        return name === 'telemetry' && version === 2 ? slow.promise : undefined
      },
    })
    await bench.connect()
    for (const fps of [1, 2, 3]) await bench.change({ telemetry: { fps } })
    await bench.change({ list: [1] })
    expect(bench.calls.map(({ name, version }) => [name, version])).toEqual([
      ['telemetry', 2],
      ['list', 5],
    ])
    expect(signals[0]?.aborted).toBe(true)
    slow.open()
    await bench.settled()
    expect(bench.calls.slice(2)).toMatchObject([{ desired: { fps: 3 }, previous: { fps: 1 }, version: 4 }])
    expect(bench.hub.reported).toMatchObject({ telemetry: { value: { fps: 3 }, ac: 200, av: 4 } })
  })

  it('reports the device default with 203 while nothing is desired', async () => {
    const bench = await ConfigurationBench.start({ defaults: { fps: 30 } })
    await bench.connect()
    const own = { telemetry: { value: { fps: 30 }, ac: 203, av: 0, ad: 'device default' } }
    expect(bench.hub.reported).toEqual(own)
    await bench.change({ telemetry: { fps: 61 } })
    expect(bench.hub.reported).toMatchObject({ telemetry: { value: { fps: 30 }, ac: 400, av: 2 } })
    await bench.change({ telemetry: { fps: 5 } })
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 5 }, ac: 200, av: 3 } })
    await bench.change({ telemetry: null })
    expect(bench.hub.reported).toEqual(own)
    expect(bench.calls).toMatchObject([{ desired: { fps: 5 } }, { desired: undefined, previous: { fps: 5 } }])
  })

  it('does again what was cut off, and gives up when it is cut off again and again', async () => {
    const hub = new TwinOfHub()
    const disk = new SimulatedDisk()
    hub.write({ telemetry: { fps: 5 } })
    const attempts: number[] = []
    for (let life = 0; life < 4; life += 1) {
      // left behind in the middle of its handler
      const bench = await ConfigurationBench.start({ hub, disk, handle: () => gate().promise })
      await bench.connect()
      attempts.push(...bench.calls.map(({ attempt }) => attempt))
    }
    expect(attempts).toEqual([1, 2, 3])
    expect(hub.reported).toEqual({ telemetry: { ac: 500, av: 2, ad: 'cut off 3 times' } })
  })

  it('does not count a life that was ended in good order', async () => {
    const hub = new TwinOfHub()
    const disk = new SimulatedDisk()
    hub.write({ telemetry: { fps: 5 } })
    for (let life = 0; life < 5; life += 1) {
      const bench = await ConfigurationBench.start({
        hub,
        disk,
        handle: ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
      })
      await bench.connect()
      expect(bench.calls).toMatchObject([{ attempt: 1 }])
      await bench.close()
      expect(bench.errors).toEqual([])
    }
    expect(hub.reports).toEqual([])
  })

  it('acknowledges nothing that is not on disk', async () => {
    let code: string | undefined
    const disk = new SimulatedDisk({ fault: call => (call === 'write' ? code : undefined) })
    const bench = await ConfigurationBench.start({ disk })
    await bench.connect()
    code = 'ENOSPC'
    await bench.change({ telemetry: { fps: 5 } })
    expect(bench.calls).toEqual([])
    expect(bench.hub.reports).toEqual([])
    code = undefined
    bench.clock.advance(1_000)
    await bench.settled()
    expect(bench.calls).toHaveLength(1)
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 5 }, ac: 200, av: 2 } })
  })

  it('does not fall back behind a patch that overtakes a read, whoever wanted that read', async () => {
    const bench = await ConfigurationBench.start()
    await bench.connect()
    bench.hub.refuseReport = true
    await bench.change({ telemetry: { fps: 1 } })
    const slow = gate()
    bench.hub.beforeAnswer = slow.promise
    // the report is tried again, after a read
    bench.clock.advance(500)
    await bench.settled()
    expect(bench.hub.reads).toBe(2)
    await bench.change({ telemetry: { fps: 2 } })
    slow.open()
    await bench.settled()
    expect(bench.follower.desired).toEqual({ properties: { telemetry: { fps: 2 } }, version: 3 })
    expect(bench.calls.map(({ version }) => version)).toEqual([2, 3])
    expect(bench.hub.reported).toEqual({ telemetry: { value: { fps: 2 }, ac: 200, av: 3 } })
  })

  it('reads the twin once for a gap', async () => {
    const bench = await ConfigurationBench.start()
    await bench.connect()
    bench.hub.write({ telemetry: { fps: 1 } })
    bench.deliver(bench.hub.write({ list: [1] }))
    bench.deliver(bench.hub.write({ list: [2] }))
    await bench.settled()
    expect(bench.hub.reads).toBe(2)
    expect(bench.follower.desired).toEqual({ properties: { telemetry: { fps: 1 }, list: [2] }, version: 4 })
    expect(bench.calls).toMatchObject([{ name: 'telemetry' }, { name: 'list', desired: [2] }])
  })
})
