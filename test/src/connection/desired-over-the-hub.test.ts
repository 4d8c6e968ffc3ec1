import { expect, it } from 'vitest'
import { backEndOf } from '../../../packages/device/test/back-end.ts'
import { AgentBench } from './agent-bench.ts'

const seeds = [1, 2, 3, 4, 5]

/** Faults of one story, drawn from its seed. */
function armFaults({ hub }: AgentBench, seed: number): void {
  const deviceId = 'cam-1'
  const nth = (at: number): number => 1 + ((seed * at) % 4)
  hub.faults.duplicateDesired({ deviceId, nth: nth(3) })
  hub.faults.reorderDesired({ deviceId, nth: nth(5) })
}

it.each(seeds)(
  'R14: patches that the hub doubles, swaps and loses leave the device with the newest value (seed %i)',
  async seed => {
    await using bench = await AgentBench.open()
    const connectionString = await bench.hub.createDevice('cam-1')
    await bench.agentOf(connectionString).open()
    const backEnd = backEndOf(bench.hub)
    armFaults(bench, seed)
    for (let fps = 1; fps <= 8; fps += 1) {
      // One is lost with its connection, one falls into the time without one.
      if (fps === 1 + (seed % 7)) bench.hub.disconnect('cam-1', 'rst')
      await backEnd.patchDesired('cam-1', { telemetry: { fps } })
    }
    while (bench.applied.at(-1) !== 8) await bench.happenings.take('applied')
    expect(bench.applied).toEqual([...new Set(bench.applied)].toSorted((left = 0, right = 0) => left - right))
    expect(bench.errors).toEqual([])
  },
)
