import { IdentityConflictError } from '@iothub-dm/device'
import { expect, it, vi } from 'vitest'
import { AgentBench } from './agent-bench.ts'

it('C11: two devices with one identity throw each other out, slow down, and are told', async () => {
  await using bench = await AgentBench.open()
  const connectionString = await bench.hub.createDevice('cam-1')
  const takeovers: unknown[] = []
  bench.hub.subscribe(event => event.type === 'deviceDisconnected' && takeovers.push(event))
  await bench.agentOf(connectionString).open()
  await bench.agentOf(connectionString).open()
  await vi.waitFor(() => expect(bench.errors.length).toBeGreaterThan(0), { timeout: 15_000 })
  expect(bench.errors[0]).toBeInstanceOf(IdentityConflictError)
  expect(bench.errors[0]).toMatchObject({ code: 'IdentityConflict', lossesInLastMinute: 6 })
  expect(takeovers.length).toBeGreaterThan(5)
})
