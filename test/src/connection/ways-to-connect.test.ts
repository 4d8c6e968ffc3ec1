import { DeviceAgent, type DeviceAuthenticationProvider } from '@iothub-dm/device'
import azureDevice from 'azure-iot-device'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { describe, expect, it } from 'vitest'
import { createCertificate } from '../../../packages/local-hub/test/certificates.ts'
import { AgentBench } from './agent-bench.ts'
import { startConnectProxy } from './connect-proxy.ts'
import { encryptedKey, sharedAccessSignature } from './credentials.ts'

describe.each(['mqtt', 'mqtt-websocket'] as const)('over %s', transport => {
  const endpointOf = ({ hub }: AgentBench) => (transport === 'mqtt' ? hub.mqttEndpoint : hub.httpsEndpoint)

  it('a device connects with its key', async () => {
    await using bench = await AgentBench.open()
    await bench.hub.createDevice('cam-1')
    const connectionString = bench.hub.deviceConnectionString('cam-1', { gateway: false })
    await bench.agentOf(connectionString, { transport, endpoint: endpointOf(bench) }).open()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('a module connects with its key', async () => {
    await using bench = await AgentBench.open()
    await bench.hub.createDevice('cam-1')
    await bench.hub.createModule('cam-1', 'lens')
    const connectionString = bench.hub.moduleConnectionString('cam-1', 'lens', { gateway: false })
    await bench.agentOf(connectionString, { transport, endpoint: endpointOf(bench) }).open()
    expect(await bench.echo('cam-1/lens', 'hello')).toBe('hello')
  })

  it('a device connects with a certificate whose key is encrypted', async () => {
    await using bench = await AgentBench.open()
    const { cert, key, sha256 } = await createCertificate({ commonName: 'cam-1' })
    await bench.hub.createDevice('cam-1', { x509: { primaryThumbprint: sha256 } })
    const connectionString = bench.hub.deviceConnectionString('cam-1', { gateway: false })
    const clientCertificate = { cert, key: encryptedKey(key, 'open sesame'), passphrase: 'open sesame' }
    await bench.agentOf(connectionString, { transport, endpoint: endpointOf(bench), clientCertificate }).open()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('a device connects with a token that the program gives', async () => {
    await using bench = await AgentBench.open()
    const connectionString = await bench.hub.createDevice('cam-1')
    const requests: unknown[] = []
    const agent = bench.agentOf(`HostName=${bench.hub.hostName};DeviceId=cam-1`, {
      transport,
      endpoint: endpointOf(bench),
      getSharedAccessSignature: request => {
        requests.push(request)
        return sharedAccessSignature(connectionString, request.resourceUri, 3_600)
      },
    })
    await agent.open()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
    expect(requests).toEqual([
      {
        hostName: bench.hub.hostName,
        deviceId: 'cam-1',
        moduleId: undefined,
        resourceUri: `${bench.hub.hostName}%2Fdevices%2Fcam-1`,
      },
    ])
  })

  it('a device connects through a proxy', async () => {
    await using bench = await AgentBench.open()
    await using proxy = await startConnectProxy()
    await bench.hub.createDevice('cam-1')
    const connectionString = bench.hub.deviceConnectionString('cam-1', { gateway: false })
    const endpoint = endpointOf(bench)
    const proxyAgent = new HttpsProxyAgent(proxy.url)
    const agent = bench.agentOf(connectionString, { transport, endpoint, proxyAgent })
    await agent.open()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
    expect(proxy.requests).toEqual([`${endpoint.host}:${endpoint.port}`])
    await agent.close()
    await proxy.emptied()
  })

  it('a device that the proxy refuses says so, and goes on trying', async () => {
    await using bench = await AgentBench.open()
    await using proxy = await startConnectProxy()
    await bench.hub.createDevice('cam-1')
    const connectionString = bench.hub.deviceConnectionString('cam-1', { gateway: false })
    const proxyAgent = new HttpsProxyAgent(proxy.url)
    const agent = bench.agentOf(connectionString, { transport, endpoint: endpointOf(bench), proxyAgent })
    proxy.refuse(407)
    const failed = new Promise<Error>(resolve => agent.once('connectFailed', resolve))
    const opening = agent.open()
    expect(await failed).toMatchObject({
      code: 'HubUnavailable',
      message: expect.stringContaining('proxy answered 407'),
    })
    proxy.refuse(undefined)
    await opening
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('a hub whose certificate is not trusted gets no credentials', async () => {
    await using bench = await AgentBench.open()
    await using other = await AgentBench.open()
    await bench.hub.createDevice('cam-1')
    const connectionString = bench.hub.deviceConnectionString('cam-1', { gateway: false })
    const ca = other.hub.caCertificate
    const agent = bench.agentOf(connectionString, { transport, endpoint: endpointOf(bench), ca })
    const failed = new Promise<Error>(resolve => agent.once('connectFailed', resolve))
    const opening = expect(agent.open()).rejects.toMatchObject({ code: 'ConnectionClosed' })
    expect(await failed).toMatchObject({ code: 'HubUnavailable', message: expect.stringContaining('certificate') })
    await agent.close()
    await opening
  })
})

describe('an authentication provider', () => {
  it('of the SDK serves, with a key', async () => {
    await using bench = await AgentBench.open()
    const provider = azureDevice.SharedAccessKeyAuthenticationProvider.fromConnectionString(
      await bench.hub.createDevice('cam-1'),
    )
    await bench.agent((...args) => DeviceAgent.fromAuthenticationProvider(provider, ...args)).open()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('of the SDK serves, with a certificate', async () => {
    await using bench = await AgentBench.open()
    const { cert, key, sha256 } = await createCertificate({ commonName: 'cam-1' })
    await bench.hub.createDevice('cam-1', { x509: { primaryThumbprint: sha256 } })
    const provider = azureDevice.X509AuthenticationProvider.fromX509Options('cam-1', bench.hub.hostName, { cert, key })
    const endpoint = bench.hub.mqttEndpoint
    await bench.agent((...args) => DeviceAgent.fromAuthenticationProvider(provider, ...args), { endpoint }).open()
    expect(await bench.echo('cam-1', 'hello')).toBe('hello')
  })

  it('may take its time, fail, throw or be silent: the agent goes on trying and says why', async () => {
    await using bench = await AgentBench.open()
    const working = azureDevice.SharedAccessKeyAuthenticationProvider.fromConnectionString(
      await bench.hub.createDevice('cam-1'),
    )
    type Callback = Parameters<DeviceAuthenticationProvider['getDeviceCredentials']>[0]
    const ways: ((callback: Callback) => void)[] = [
      callback => callback(new Error('the key is secret')),
      () => {
        throw new Error('the key is secret')
      },
      callback => callback(undefined, { host: bench.hub.hostName, deviceId: 'cam-1' }),
      () => {},
      callback => void setImmediate(() => working.getDeviceCredentials(callback)),
    ]
    const provider = {
      type: 1,
      getDeviceCredentials: (callback: Callback) => ways.shift()?.(callback),
    }
    const agent = bench.agent((...args) => DeviceAgent.fromAuthenticationProvider(provider, ...args), {
      connectTimeoutInMs: 300,
    })
    const reasons: string[] = []
    agent.on('connectFailed', reason => reasons.push(reason.message))
    await agent.open()
    expect(reasons).toEqual(
      ['failed', 'threw', 'gave incomplete ones', 'gave none within 300 ms'].map(
        how => `no credentials: the authentication provider ${how}`,
      ),
    )
  })

  it.each([
    ['null', 'must be an object'],
    ['{"type":1,"getDeviceCredentials":5}', 'must be a function'],
  ])('of the form %s is refused', (provider, message) => {
    const make = () =>
      DeviceAgent.fromAuthenticationProvider(JSON.parse(provider), JSON.parse('{}'), { stateDirectory: '/' })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })
})
