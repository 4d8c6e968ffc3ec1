import { writeSync } from 'node:fs'
import { action, defineContract, method } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { AgentRuntime } from '../../src/agent/agent-runtime.ts'
import { systemClock } from '../../src/connection/clock.ts'
import { implement } from '../../src/implementation/implement.ts'
import { MemoryHub } from '../memory-hub.ts'

/**
 * Test support, run as a program with a file size limit: a device that is asked for operations that fit on its disk and for one that does
 * not. Prints each answer as a line of JSON. Argument: the state directory.
 */
const contract = defineContract({
  methods: { ping: method({ response: v.literal('pong') }) },
  actions: { work: action({ request: v.object({ data: v.string() }) }) },
})
const hub = new MemoryHub()
const runtime = await AgentRuntime.start({
  implementation: implement(contract, { methods: { ping: () => 'pong' }, actions: { work: () => {} } }),
  options: { stateDirectory: process.argv[2] ?? '' },
  bootId: 'boot-1',
  clock: systemClock,
  connect: hub.connect,
  onConnected: () => {},
  onDisconnected: () => {},
  onOperation: () => {},
  onError: () => {},
})
await runtime.connect(undefined)

async function begin(operationId: string, bytes: number): Promise<void> {
  const { status, payload } = await hub.call('work', { operationId, data: 'x'.repeat(bytes) })
  writeSync(1, `${JSON.stringify({ operationId, status, payload })}\n`)
  while ((await hub.call('work', { operationId, data: 'x'.repeat(bytes) })).status === 202) {
    // the device becomes free in another turn
    await new Promise(resolve => setImmediate(resolve))
  }
}

await begin('small-1', 10)
await begin('small-2', 10)
const { status, payload } = await hub.call('work', { operationId: 'large', data: 'x'.repeat(100_000) })
writeSync(1, `${JSON.stringify({ operationId: 'large', status, payload })}\n`)
writeSync(1, `${JSON.stringify({ operationId: 'ping', ...(await hub.call('ping')) })}\n`)
await begin('small-3', 10)
await runtime.close()
