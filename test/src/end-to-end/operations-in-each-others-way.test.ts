import { implement, type WhenBusy } from '@iothub-dm/device'
import { action, defineContract } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { AgentBench } from '../support/agent-bench.ts'

const contract = defineContract({ actions: { expose: action(), upgrade: action({ phases: ['past'] }) } })
const soon = { timeoutInMs: 10_000 }

/** A device on which `expose` takes until it is let go, and `upgrade` until then as well, past its point of no return. */
async function openDevice(whenBusy: WhenBusy) {
  const go = new AbortController()
  const ran: string[] = []
  const untilLetGo = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      go.signal.addEventListener('abort', () => resolve())
      signal.addEventListener('abort', () => reject(signal.reason))
      if (go.signal.aborted) resolve()
    })
  const implementation = implement(contract, {
    actions: {
      expose: async op => {
        ran.push(op.operationId)
        await untilLetGo(op.signal)
      },
      upgrade: async op => {
        ran.push(op.operationId)
        await op.pointOfNoReturn()
        op.phase('past')
        await untilLetGo(op.signal)
      },
    },
  })
  const bench = await AgentBench.open(contract, implementation, { whenBusy, maxQueuedOperations: 2 })
  return { bench, go, ran, implementation, actions: bench.fleet.getDeviceClient('cam-1').actions }
}

describe.concurrent('C6: operations that get in each other’s way', () => {
  it('wait for each other, are bounded, can be cancelled, and survive a restart of the device', async () => {
    const { bench, go, ran, implementation, actions } = await openDevice('queue')
    await using _ = bench
    await actions.expose.begin(undefined, { operationId: 'first' })
    const second = await actions.upgrade.begin(undefined, { operationId: 'second' })
    const third = await actions.expose.begin(undefined, { operationId: 'third' })
    await expect(actions.expose.begin()).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'TooManyRequests',
      status: 429,
      retryable: true,
    })
    // The section of the action shows the one that is under way, and who waits for it.
    const attached = await actions.expose.attach('third')
    expect(attached.record.state).toBe('waiting')
    expect(await actions.expose.latest()).toMatchObject({ record: { operationId: 'first', queued: ['third'] } })
    await third.cancel()
    await bench.boot(implementation)
    go.abort()
    await second.result(soon)
    await expect(attached.result(soon)).rejects.toMatchObject({ record: { state: 'cancelled' } })
    expect(ran).toEqual(['first', 'first', 'second'])
    // The end of the first is hidden by now; asking for it again brings the answer that the device keeps.
    const again = await actions.expose.begin(undefined, { operationId: 'first' })
    expect(again.record.state).toBe('succeeded')
  })

  it('replace each other, but for one that is past its point of no return', async () => {
    const { bench, go, ran, actions } = await openDevice('replace')
    await using _ = bench
    const first = await actions.expose.begin(undefined, { operationId: 'first' })
    const second = await actions.upgrade.begin(undefined, { operationId: 'second' })
    await expect(first.result(soon)).rejects.toMatchObject({ record: { state: 'cancelled' } })
    for await (const { status } of second) if (status === 'past') break
    await expect(second.cancel()).rejects.toMatchObject({ name: 'RefusedError', code: 'NotCancellable', status: 409 })
    await expect(actions.expose.begin()).rejects.toMatchObject({
      code: 'Busy',
      operation: { action: 'upgrade', operationId: 'second', state: 'running' },
    })
    go.abort()
    await second.result(soon)
    expect(ran).toEqual(['first', 'second'])
  })
})
