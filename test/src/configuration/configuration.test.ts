import { describe, expect, it } from 'vitest'
import { ConfigurationBench } from './configuration-bench.ts'

describe.concurrent('a configuration, written by the official registry client', () => {
  it('is applied and acknowledged while the device is connected, each section for itself', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.connect()
    const first = await bench.write({ telemetry: { fps: 5 }, other: 1 })
    expect(await bench.acknowledged('telemetry', first, 200)).toEqual({ value: { fps: 5 }, ac: 200, av: first })
    const second = await bench.write({ zones: [1, 2, 3] })
    await bench.acknowledged('zones', second, 200)
    const third = await bench.write({ zones: [9] })
    expect(await bench.acknowledged('zones', third, 200)).toMatchObject({ value: [9] })
    expect(await bench.reported('telemetry')).toMatchObject({ av: first })
    expect(bench.applied).toEqual([
      { name: 'telemetry', desired: { fps: 5 }, previous: undefined, version: first },
      { name: 'zones', desired: [1, 2, 3], previous: undefined, version: second },
      { name: 'zones', desired: [9], previous: [1, 2, 3], version: third },
    ])
  })

  it('is applied once when it changed while the device was offline, and not again after a restart', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.write({ telemetry: { fps: 1 } })
    const version = await bench.write({ telemetry: { fps: 2 }, zones: [] })
    await bench.connect()
    await bench.acknowledged('telemetry', version, 200)
    await bench.acknowledged('zones', version, 200)
    await bench.disconnect()
    await bench.connect()
    const next = await bench.write({ zones: [1] })
    await bench.acknowledged('zones', next, 200)
    expect(bench.applied).toEqual([
      { name: 'telemetry', desired: { fps: 2 }, previous: undefined, version },
      { name: 'zones', desired: [], previous: undefined, version },
      { name: 'zones', desired: [1], previous: [], version: next },
    ])
  })

  it('is taken back when its section is deleted, and with it the acknowledgement', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.connect()
    const version = await bench.write({ telemetry: { fps: 5 } })
    await bench.acknowledged('telemetry', version, 200)
    const deleted = await bench.write({ telemetry: null })
    await bench.removed('telemetry')
    expect(bench.applied.at(-1)).toEqual({
      name: 'telemetry',
      desired: undefined,
      previous: { fps: 5 },
      version: deleted,
    })
  })

  it('is refused with 400, the reason and the value in use when it breaks the schema', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.connect()
    const good = await bench.write({ telemetry: { fps: 5 } })
    await bench.acknowledged('telemetry', good, 200)
    const bad = await bench.write({ telemetry: { fps: 100 } })
    expect(await bench.acknowledged('telemetry', bad, 400)).toMatchObject({
      value: { fps: 5 },
      ad: expect.stringMatching(/^fps: /),
    })
    expect(bench.applied).toHaveLength(1)
  })

  it('is answered with 500 and the value in use when its handler throws, and tried again at the next version', async () => {
    await using bench = await ConfigurationBench.open()
    let broken = false
    await bench.connect({
      telemetry: () => {
        if (broken) throw new TypeError('hunter2')
      },
    })
    const good = await bench.write({ telemetry: { fps: 5 } })
    await bench.acknowledged('telemetry', good, 200)
    broken = true
    const bad = await bench.write({ telemetry: { fps: 6 } })
    const acknowledgement = await bench.acknowledged('telemetry', bad, 500)
    expect(acknowledgement).toMatchObject({ value: { fps: 5 } })
    expect(JSON.stringify(acknowledgement)).not.toContain('hunter2')
    expect(bench.errors).toHaveLength(1)
    broken = false
    const again = await bench.write({ telemetry: { fps: 6 } })
    expect(await bench.acknowledged('telemetry', again, 200)).toMatchObject({ value: { fps: 6 } })
  })

  it('has the device default with 203 while nothing is desired', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.connect({ telemetry: { handle: () => {}, defaults: { fps: 30 } } })
    expect(await bench.acknowledged('telemetry', 0, 203)).toMatchObject({ value: { fps: 30 } })
    const version = await bench.write({ telemetry: { fps: 5 } })
    await bench.acknowledged('telemetry', version, 200)
    await bench.write({ telemetry: null })
    await bench.acknowledged('telemetry', 0, 203)
  })
})
