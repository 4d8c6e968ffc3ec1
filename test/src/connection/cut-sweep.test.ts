import { isIotHubDmError } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentBench, contract } from './agent-bench.ts'
import { type LinkDirection, openBadLink } from './bad-link.ts'

/** The nightly run cuts at every 25th byte: `node scripts/cut-sweep.mjs`. */
const stepInBytes = Number(process.env.CUT_STEP_IN_BYTES ?? 200)

/** What the hub waits for the device to come, and for its answer: 5 s is the least that it takes. */
const call = { connectTimeoutInSeconds: 5, responseTimeoutInSeconds: 5 }
const deadlineInMs = 10_000

const unhandled: unknown[] = []
const note = (error: unknown): number => unhandled.push(error)
beforeAll(() => process.on('unhandledRejection', note))
afterAll(() => process.off('unhandledRejection', note))

describe.concurrent.each<[LinkDirection, 'fin' | 'rst']>([
  ['toHub', 'fin'],
  ['toHub', 'rst'],
  ['toDevice', 'fin'],
  ['toDevice', 'rst'],
])('R8: a connection whose bytes %s end with a %s, at whatever byte', (direction, manner) => {
  it(
    'ends every call within its deadline, runs nothing twice, and is back within a second',
    async () => {
      await using bench = await AgentBench.open()
      await using link = await openBadLink(bench.hub.mqttEndpoint)
      const connectionString = await bench.hub.createDevice('cam-1')
      await bench.agentOf(connectionString, { endpoint: link.endpoint, requestTimeoutInMs: 500 }).open()
      await using fleet = FleetClient.fromConnectionString(bench.hub.connectionString('service'), contract, {
        endpoint: bench.hub.httpsEndpoint,
        ca: bench.hub.caCertificate,
        pollIntervalInMs: 20,
      })
      const { count } = fleet.getDeviceClient('cam-1').actions

      /** Begins an operation on a device that is connecting, and follows it to its end. */
      const runOperation = async (operationId: string): Promise<void> => {
        const startTime = performance.now()
        const begun = await count.begin({}, { operationId, ...call }).catch((error: unknown) => error)
        expect(performance.now() - startTime).toBeLessThan(deadlineInMs + 100)
        if (begun instanceof Error) expect(isIotHubDmError(begun), String(begun)).toBe(true)
      }
      const reconnectWith = async (operationId: string, cutAfterBytes: number): Promise<void> => {
        const cut = link.next({ direction, cutAfterBytes, manner })
        const noticed = bench.hub.waitFor('deviceDisconnected')
        link.cutNow('rst')
        await noticed
        await runOperation(operationId)
        // The last bytes are those of this call, where so many come at all.
        await Promise.race([cut, bench.echo('cam-1', 'more').catch(() => {})])
        const healTime = performance.now()
        // The hub may not have noticed the cut yet, and take the call for a device that is gone.
        while ((await bench.echo('cam-1', operationId).catch(() => undefined)) !== operationId);
        expect(performance.now() - healTime).toBeLessThan(1_000)
      }

      await runOperation('whole')
      await bench.echo('cam-1', 'whole')
      const total = link.passed[direction]
      expect(total).toBeGreaterThan(1_000)
      for (let cutAt = 1; cutAt < total; cutAt += stepInBytes) await reconnectWith(`cut-at-${cutAt}`, cutAt)
      const runs = [...bench.effects.values()]
      expect(runs.length).toBeGreaterThan(1)
      expect(runs.every(times => times === 1)).toBe(true)
      expect(unhandled).toEqual([])
    },
    30 * 60_000,
  )
})
