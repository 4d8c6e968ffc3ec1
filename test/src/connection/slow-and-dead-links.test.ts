import { describe, expect, it, vi } from 'vitest'
import { AgentBench, type BenchAgentOptions } from './agent-bench.ts'
import { type BadLink, openBadLink } from './bad-link.ts'

async function connectOver(bench: AgentBench, link: BadLink, options: BenchAgentOptions = {}) {
  const connectionString = await bench.hub.createDevice('cam-1')
  const agent = bench.agentOf(connectionString, { endpoint: link.endpoint, ...options })
  await agent.open()
  await bench.happenings.take('connected')
  return agent
}

describe.concurrent('R9: a link', () => {
  it('that is dead without a word is noticed within one and a half keep-alive periods', async () => {
    await using bench = await AgentBench.open()
    await using link = await openBadLink(bench.hub.mqttEndpoint)
    await connectOver(bench, link, { keepAliveInSeconds: 1 })
    link.stallNow()
    const startTime = performance.now()
    await bench.happenings.take('disconnected')
    expect(performance.now() - startTime).toBeLessThan(1_500 + 500)
    await bench.happenings.take('connected')
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it.each([
    ['passes one byte at a time', { sliceInBytes: 1 }],
    ['carries 4 KB a second', { bytesPerSecond: 4_096, sliceInBytes: 64 }],
    ['takes its time', { latencyInMs: 200 }],
  ])('that %s carries a session', async (_, fault) => {
    await using bench = await AgentBench.open()
    await using link = await openBadLink(bench.hub.mqttEndpoint)
    void link.next(fault)
    await connectOver(bench, link)
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
    expect(link.connections()).toBe(1)
  })

  // In the certificate, in the CONNECT, and in what the hub answers.
  it.each([
    ['toDevice', 1_000],
    ['toHub', 900],
    ['toDevice', 1_600],
  ] as const)('that flips a bit %s in byte %i is an error of TLS, and never data', async (direction, flipByte) => {
    await using bench = await AgentBench.open()
    await using link = await openBadLink(bench.hub.mqttEndpoint)
    const connectionString = await bench.hub.createDevice('cam-1')
    const agent = bench.agentOf(connectionString, { endpoint: link.endpoint })
    void link.next({ direction, flipByte })
    await agent.open()
    await bench.echo('cam-1', 'hello').catch(() => {})
    await vi.waitFor(() => expect(link.connections()).toBeGreaterThan(1), { timeout: 5_000 })
    expect(await bench.echo('cam-1', 'hello again')).toBe('hello again')
    expect(bench.errors).toEqual([])
  })
})

describe('R10: close()', () => {
  // Bytes of the handshake, of the CONNECT and of the SUBSCRIBE.
  it.each([0, 100, 400, 700, 1_000, 1_300, 1_500])(
    'is over in time on a link that stalls after %i bytes',
    async bytes => {
      await using bench = await AgentBench.open()
      await using link = await openBadLink(bench.hub.mqttEndpoint)
      const connectionString = await bench.hub.createDevice('cam-1')
      const agent = bench.agentOf(connectionString, { endpoint: link.endpoint })
      void link.next({ stallAfterBytes: bytes })
      const opening = agent.open().catch((error: unknown) => error)
      while (link.connections() === 0 || link.passed.toHub < Math.min(bytes, 250)) {
        await new Promise(resolve => setImmediate(resolve))
      }
      const startTime = performance.now()
      await agent.close()
      expect(performance.now() - startTime).toBeLessThan(5_000)
      expect(await opening).toMatchObject({ code: 'ConnectionClosed' })
    },
  )
})
