import { DeviceAgent } from '@iothub-dm/device'
import azureDevice from 'azure-iot-device'
import { Mqtt, MqttWs } from 'azure-iot-device-mqtt'
import { describe, expect, it } from 'vitest'
import { AgentBench } from './agent-bench.ts'

const { Client, Message } = azureDevice

/** An agent and a client of the SDK on one connection, both open. */
async function share(bench: AgentBench, transport: typeof Mqtt | typeof MqttWs = Mqtt) {
  await bench.hub.createDevice('cam-1')
  const client = Client.fromConnectionString(bench.hub.deviceConnectionString('cam-1', { gateway: false }), transport)
  const endpoint = transport === Mqtt ? bench.hub.mqttEndpoint : bench.hub.httpsEndpoint
  const agent = bench.agent((...args) => DeviceAgent.fromClient(client, ...args), { endpoint })
  await agent.open()
  await bench.happenings.take('connected')
  await client.open()
  return { agent, client }
}

describe.each([Mqtt, MqttWs])('a client of the SDK that shares the connection of the agent', transport => {
  it('sends telemetry and hears cloud-to-device messages, in one connection', async () => {
    await using bench = await AgentBench.open()
    const connections: unknown[] = []
    bench.hub.subscribe(event => event.type === 'deviceConnected' && connections.push(event))
    const { client } = await share(bench, transport)
    const sent = bench.hub.waitFor('telemetryReceived')
    await client.sendEvent(new Message('{"temperature":21}'))
    expect(await sent).toMatchObject({ deviceId: 'cam-1' })

    const subscribed = bench.hub.waitFor('deviceSubscribed')
    const heard = new Promise<string>(resolve => client.on('message', message => resolve(message.getData().toString())))
    await subscribed
    await bench.hub.sendMessage('cam-1', { payload: 'wake up' })
    expect(await heard).toBe('wake up')

    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
    expect(connections).toHaveLength(1)
  })
})

describe('a client of the SDK that shares the connection of the agent', () => {
  it('goes on after a loss, with the subscriptions that the SDK itself would forget', async () => {
    await using bench = await AgentBench.open()
    const { client } = await share(bench)
    const twin = await client.getTwin()
    const subscribed = bench.hub.waitFor('deviceSubscribed', event => event.subscription === 'cloudToDeviceMessages')
    const heard: string[] = []
    const hearing = new Promise<void>(resolve => {
      client.on('message', message => {
        heard.push(message.getData().toString())
        resolve()
      })
    })
    await subscribed
    bench.hub.loseSession('cam-1')
    bench.hub.disconnect('cam-1', 'rst')
    await bench.happenings.take('connected')
    await bench.hub.sendMessage('cam-1', { payload: 'wake up' })
    await hearing
    await client.sendEvent(new Message('after'))
    await new Promise<void>((resolve, reject) => {
      twin.properties.reported.update({ app: 1 }, (error?: Error) => (error ? reject(error) : resolve()))
    })
    expect(heard).toEqual(['wake up'])
  })

  it('may be closed, and leaves the agent alone', async () => {
    await using bench = await AgentBench.open()
    const { client } = await share(bench)
    await client.close()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('loses its connection when the agent is closed', async () => {
    await using bench = await AgentBench.open()
    const { agent, client } = await share(bench)
    client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => -1 })
    const lost = new Promise(resolve => client.on('disconnect', resolve))
    await agent.close()
    await lost
  })

  it('that was opened before is refused, and so is one that has an agent, or is none', async () => {
    await using bench = await AgentBench.open()
    const connectionString = await bench.hub.createDevice('cam-1')
    const client = Client.fromConnectionString(connectionString, Mqtt)
    await client.setOptions({ ca: bench.hub.caCertificate })
    await client.open()
    const make = (given: Parameters<typeof DeviceAgent.fromClient>[0]) => () =>
      bench.agent((...args) => DeviceAgent.fromClient(given, ...args))
    expect(make(client)).toThrow(/must not have been opened .*fromAuthenticationProvider/)
    await client.close()
    expect(make(client)).toThrow(TypeError)
    const another = Client.fromConnectionString(connectionString, Mqtt)
    make(another)()
    expect(make(another)).toThrow('the client has an agent already')
    expect(make({ open: () => {}, sendEvent: () => {} })).toThrow(/must be a Client .*fromAuthenticationProvider/)
  })
})
