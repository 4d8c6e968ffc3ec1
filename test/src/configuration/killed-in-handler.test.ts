import { describe, expect, it } from 'vitest'
import { registryOf } from '../local-hub/azure-clients.ts'
import { TestBench } from '../support/test-bench.ts'

const program = '../configuration/configured-device-program'

/** The back end writes desired properties; returns their version. */
async function write(bench: TestBench, desired: object): Promise<number> {
  const { responseBody } = await registryOf(bench.hub).updateTwin('cam-1', { properties: { desired } }, '*')
  return responseBody.properties.desired.$version
}

async function acknowledged(bench: TestBench, expected: object): Promise<void> {
  for (;;) {
    const changed = bench.hub.waitFor('reportedChanged')
    const { telemetry } = await bench.reported('cam-1')
    if (JSON.stringify(telemetry) === JSON.stringify(expected)) return
    await changed
  }
}

describe.concurrent('a configuration of a device whose process dies', () => {
  it('is applied again when the handler was killed in the middle, and acknowledged then', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { program, gates: ['telemetry'] })
    const version = await write(bench, { telemetry: { fps: 5 } })
    await device.reached('telemetry')
    await bench.kill(device)
    await device.reached('telemetry')
    expect(await bench.reported('cam-1')).not.toHaveProperty('telemetry')
    device.release('telemetry')
    await acknowledged(bench, { value: { fps: 5 }, ac: 200, av: version })
    expect(device.attemptsOf(`telemetry 5 at ${version}`)).toEqual([1, 2])
  })

  it('is the newest one when it changed while the process was dead; a start without a change applies nothing', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { program, comesBack: false })
    const first = await write(bench, { telemetry: { fps: 5 } })
    await acknowledged(bench, { value: { fps: 5 }, ac: 200, av: first })
    await bench.kill(device)
    await write(bench, { telemetry: { fps: 6 } })
    const second = await write(bench, { telemetry: { fps: 7 } })
    device.start()
    await acknowledged(bench, { value: { fps: 7 }, ac: 200, av: second })
    await bench.kill(device)
    device.start()
    const third = await write(bench, { telemetry: { fps: 8 } })
    await acknowledged(bench, { value: { fps: 8 }, ac: 200, av: third })
    const effects = device.blackBox().flatMap(entry => (entry.type === 'effect' ? [entry.name] : []))
    expect(effects).toEqual([5, 7, 8].map((fps, index) => `telemetry ${fps} at ${[first, second, third][index]}`))
  })
})
