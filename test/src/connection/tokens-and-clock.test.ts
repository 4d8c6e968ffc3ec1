import { ClockSkewError, type TokenRequest } from '@iothub-dm/device'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AgentBench } from './agent-bench.ts'
import { sharedAccessSignature } from './credentials.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('a token that the program gives', () => {
  it('is replaced before its end, in a new session with all subscriptions', async () => {
    await using bench = await AgentBench.open()
    const connectionString = await bench.hub.createDevice('cam-1')
    const given: number[] = []
    const getSharedAccessSignature = ({ resourceUri }: TokenRequest): string => {
      given.push(given.length)
      return sharedAccessSignature(connectionString, resourceUri, 2)
    }
    const endpoint = bench.hub.mqttEndpoint
    const options = { endpoint, getSharedAccessSignature }
    await bench.agentOf(`HostName=${bench.hub.hostName};DeviceId=cam-1`, options).open()
    for (let session = 0; session < 3; session += 1) await bench.happenings.take('connected')
    expect(given.length).toBeGreaterThanOrEqual(3)
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('is used to its end when no other one comes', async () => {
    await using bench = await AgentBench.open()
    const connectionString = await bench.hub.createDevice('cam-1')
    const resourceUri = `${bench.hub.hostName}%2Fdevices%2Fcam-1`
    const first = sharedAccessSignature(connectionString, resourceUri, 3_600)
    const agent = bench.agentOf(`HostName=${bench.hub.hostName};DeviceId=cam-1;SharedAccessSignature=${first}`, {
      endpoint: bench.hub.mqttEndpoint,
      tokenRenewal: { validInSeconds: 7_200, marginInSeconds: 3_600 },
      getSharedAccessSignature: () => 'no token at all',
    })
    await agent.open()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('that is none is told, without a word of it', async () => {
    await using bench = await AgentBench.open()
    await bench.hub.createDevice('cam-1')
    const agent = bench.agentOf(`HostName=${bench.hub.hostName};DeviceId=cam-1`, {
      endpoint: bench.hub.mqttEndpoint,
      getSharedAccessSignature: () => 'the secret',
    })
    const failed = new Promise<Error>(resolve => agent.once('connectFailed', resolve))
    const opening = expect(agent.open()).rejects.toMatchObject({ code: 'ConnectionClosed' })
    const error = await failed
    expect(error).toMatchObject({ code: 'CredentialsUnavailable', retryable: true })
    expect(error.message).not.toContain('secret')
    await agent.close()
    await opening
  })
})

describe('R16: a device whose clock is wrong', () => {
  it.each([
    ['two hours behind', -2 * 60 * 60_000],
    ['at 1970', -Date.now()],
  ])('%s learns by how much, and connects when it is set', async (_, skewInMs) => {
    // The hub keeps the true time: it runs on the monotonic clock.
    const clock = {
      now: () => performance.timeOrigin + performance.now(),
      setTimeout: (callback: () => void, delayInMs: number) => {
        const timer = setTimeout(callback, delayInMs)
        return () => clearTimeout(timer)
      },
    }
    await using bench = await AgentBench.open({ clock })
    await bench.hub.createDevice('cam-1')
    const agent = bench.agentOf(bench.hub.deviceConnectionString('cam-1', { gateway: false }), {
      transport: 'mqtt-websocket',
      endpoint: bench.hub.httpsEndpoint,
    })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skewInMs })
    const failed = new Promise<Error>(resolve => agent.once('connectFailed', resolve))
    const opening = agent.open()
    const error = await failed
    expect(error).toBeInstanceOf(ClockSkewError)
    expect(error).toMatchObject({ code: 'ClockSkew', retryable: true, skewInMs: expect.closeTo(skewInMs, -4) })
    vi.useRealTimers()
    await opening
  })
})
