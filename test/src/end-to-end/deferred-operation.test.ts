import { implement } from '@iothub-dm/device'
import { action, defineContract } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { AgentBench } from '../support/agent-bench.ts'

const contract = defineContract({ actions: { clean: action() } })
const soon = { timeoutInMs: 10_000 }

describe.concurrent('an operation that defers itself', () => {
  it('shows as waiting, across restarts of the device, and goes on in time', async () => {
    const lives: number[] = []
    const until = Date.now() + 3_000
    const implementation = implement(contract, {
      actions: {
        clean: async op => {
          lives.push(op.attempt)
          await op.deferUntil(new Date(until), 'when nobody is around')
        },
      },
    })
    await using bench = await AgentBench.open(contract, implementation)
    const { clean } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = await clean.begin()
    for await (const { state, detail } of operation) {
      if (state !== 'waiting') continue
      expect(detail).toBe('when nobody is around')
      break
    }
    for (let boots = 0; boots < 3; boots += 1) await bench.boot(implementation)
    expect(await clean.latest()).toMatchObject({ kind: 'operation', record: { state: 'waiting' } })
    await operation.result(soon)
    expect(Date.now()).toBeGreaterThanOrEqual(until)
    expect(lives).toEqual([1, 2])
  })

  it('can be cancelled', async () => {
    const implementation = implement(contract, {
      actions: { clean: op => op.deferUntil(new Date(Date.now() + 3_600_000)) },
    })
    await using bench = await AgentBench.open(contract, implementation)
    const operation = await bench.fleet.getDeviceClient('cam-1').actions.clean.begin()
    for await (const { state } of operation) if (state === 'waiting') break
    expect(await operation.cancel()).toBe('waiting')
    await expect(operation.result(soon)).rejects.toMatchObject({ record: { state: 'cancelled', attempt: 1 } })
  })
})
