import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { RawMqttClient } from '../test/raw-mqtt-client.ts'
import { callRest } from '../test/rest-call.ts'
import { parseConnectionString } from '../test/sas.ts'
import { startLocalHub } from './index.ts'

describe('startLocalHub', () => {
  it('listens on loopback, under the default name, on ports of its own', async () => {
    await using first = await startLocalHub()
    await using second = await startLocalHub({ hostName: 'second.example' })
    expect([first.hostName, second.hostName]).toEqual(['local-hub.azure-devices.net', 'second.example'])
    expect(first.mqttEndpoint.host).toBe('127.0.0.1')
    const ports = [first, second].flatMap(hub => [hub.mqttEndpoint.port, hub.httpsEndpoint.port])
    expect(new Set(ports).size).toBe(4)
  })

  it.each(['local-hub.azure-devices.net', 'localhost', '127.0.0.1'])('proves to be %s', async name => {
    await using hub = await startLocalHub()
    for (const { host, port } of [hub.mqttEndpoint, hub.httpsEndpoint]) {
      const socket = connect({
        host,
        port,
        ca: hub.caCertificate,
        ...(name === '127.0.0.1' ? {} : { servername: name }),
      })
      await once(socket, 'secureConnect')
      expect(socket.authorized).toBe(true)
      socket.destroy()
    }
  })

  it('makes a certificate authority for itself, good for days only', async () => {
    await using hub = await startLocalHub()
    const authority = new X509Certificate(hub.caCertificate)
    expect(authority.ca).toBe(true)
    expect(Date.parse(authority.validTo) - Date.now()).toBeLessThan(8 * 24 * 3_600_000)
  })

  it('speaks TLS 1.2 and not 1.1', async () => {
    await using hub = await startLocalHub()
    const { host, port } = hub.mqttEndpoint
    const options = { host, port, ca: hub.caCertificate, servername: hub.hostName }
    const modern = connect({ ...options, maxVersion: 'TLSv1.2' })
    await once(modern, 'secureConnect')
    modern.destroy()
    const old = connect({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })
    await expect(once(old, 'secureConnect')).rejects.toThrow()
  })

  it('fails when a port is taken, and leaves the other one free', async () => {
    const occupied = createServer().listen(0, '127.0.0.1')
    await once(occupied, 'listening')
    const address = occupied.address()
    const taken = typeof address === 'object' && address !== null ? address.port : 0
    await expect(startLocalHub({ mqttPort: taken })).rejects.toThrow(/EADDRINUSE/)
    await expect(startLocalHub({ httpsPort: taken })).rejects.toThrow(/EADDRINUSE/)
    occupied.close()
  })
})

describe('a local hub', () => {
  it('hands out connection strings', async () => {
    await using hub = await startLocalHub()
    expect(parseConnectionString(hub.connectionString('service'))).toEqual({
      HostName: hub.hostName,
      SharedAccessKeyName: 'service',
      SharedAccessKey: expect.stringMatching(/^.{43}=$/),
    })
    expect(parseConnectionString(await hub.createDevice('d1'))).toEqual({
      HostName: hub.hostName,
      DeviceId: 'd1',
      SharedAccessKey: expect.stringMatching(/^.{43}=$/),
      GatewayHostName: `127.0.0.1:${hub.mqttEndpoint.port}`,
    })
    expect(hub.deviceConnectionString('d1')).toContain('DeviceId=d1')
  })

  it('takes the keys of a device that must outlive it', async () => {
    await using hub = await startLocalHub()
    const symmetricKey = {
      primaryKey: Buffer.alloc(32, 1).toString('base64'),
      secondaryKey: Buffer.alloc(32, 2).toString('base64'),
    }
    expect(await hub.createDevice('d1', { symmetricKey })).toContain(`SharedAccessKey=${symmetricKey.primaryKey};`)
  })

  it('refuses what makes no sense', async () => {
    await using hub = await startLocalHub()
    await expect(hub.createDevice('a b')).rejects.toMatchObject({ name: 'HubError', status: 400 })
    await hub.createDevice('d1')
    await expect(hub.createDevice('d1')).rejects.toMatchObject({ code: 'DeviceAlreadyExists' })
    expect(() => hub.deviceConnectionString('d2')).toThrow(expect.objectContaining({ code: 'DeviceNotFound' }))
    expect(() => hub.connectionString(JSON.parse('"root"'))).toThrow(
      /policy: expected one of iothubowner, .*, got 'root'/,
    )
  })

  it('routes nothing but service clients', async () => {
    await using hub = await startLocalHub()
    expect(() => hub.route(new Map())).toThrow(
      /client: expected a Registry, Client, JobClient or DigitalTwinClient .*, got an instance of Map/,
    )
  })

  it('does nothing when asked to cut a connection that is not there', async () => {
    await using hub = await startLocalHub()
    expect(() => {
      hub.disconnect('nobody')
      hub.loseSession('nobody')
    }).not.toThrow()
  })

  it.each(['fin', 'rst'] as const)('cuts a connection by %s', async manner => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using client = await RawMqttClient.connect(hub, 'd1')
    const gone = hub.waitFor('deviceDisconnected')
    hub.disconnect('d1', manner)
    await client.closed
    expect(client.fault?.code).toBe(manner === 'rst' ? 'ECONNRESET' : undefined)
    expect(await gone).toMatchObject({ reason: 'faultInjected' })
  })

  it('closes at once and for good, whatever is under way', async () => {
    const hub = await startLocalHub()
    await hub.createDevice('d1')
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe('$iothub/methods/POST/#')
    const call = callRest(hub, { method: 'POST', path: '/twins/d1/methods', body: { methodName: 'x' } })
    await client.next('publish')
    const waiting = hub.waitFor('deviceCreated')
    const rejected = expect(waiting).rejects.toThrow('the hub was closed')
    const outcome = call.then(answer => answer.status).catch(() => 503)
    await Promise.all([hub.close(), hub.close()])
    await rejected
    expect(await outcome).toBe(503)
    await client.closed
    await expect(RawMqttClient.dial(hub)).rejects.toThrow(/ECONNREFUSED/)
    await expect(callRest(hub, { method: 'GET', path: '/devices' })).rejects.toThrow(/ECONNREFUSED/)
  })
})
