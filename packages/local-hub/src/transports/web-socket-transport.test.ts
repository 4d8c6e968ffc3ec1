import { once } from 'node:events'
import { get } from 'node:https'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectPacket, RawMqttClient } from '../../test/raw-mqtt-client.ts'
import { callRest } from '../../test/rest-call.ts'
import { type LocalHub, startLocalHub } from '../index.ts'

function open(hub: LocalHub, path: string, protocols: string | string[]): WebSocket {
  const { host, port } = hub.httpsEndpoint
  return new WebSocket(`wss://${host}:${port}${path}`, protocols, { ca: hub.caCertificate })
}

async function connectByWebSocket(hub: LocalHub, deviceId: string): Promise<RawMqttClient> {
  const client = await RawMqttClient.dialWebSocket(hub)
  client.send(connectPacket(hub, deviceId))
  expect(await client.next('connack')).toMatchObject({ returnCode: 0 })
  return client
}

describe('MQTT over WebSocket', () => {
  it('is served on the port of the REST API', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using client = await connectByWebSocket(hub, 'd1')
    await client.subscribe('$iothub/twin/res/#')
    client.publish('$iothub/twin/GET/?$rid=1', ' ', 1)
    expect(await client.next('puback')).toMatchObject({ messageId: 7 })
    expect(await client.next('publish')).toMatchObject({ topic: '$iothub/twin/res/200/?$rid=1' })
    expect((await callRest(hub, { method: 'GET', path: '/devices/d1' })).body).toMatchObject({
      connectionState: 'Connected',
    })
  })

  it('refuses a device that may not connect', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using client = await RawMqttClient.dialWebSocket(hub)
    client.send(connectPacket(hub, 'd1', { password: Buffer.from('nonsense') }))
    expect(await client.next('connack')).toMatchObject({ returnCode: 5 })
    await client.closed
  })

  it('takes packets in pieces and in heaps', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using client = await connectByWebSocket(hub, 'd1')
    for (const byte of [0xc0, 0x00]) client.sendBytes(Buffer.from([byte]))
    await client.next('pingresp')
    client.sendBytes(Buffer.from([0xc0, 0x00, 0xc0, 0x00, 0xc0]))
    await client.next('pingresp')
    await client.next('pingresp')
    client.sendBytes(Buffer.from([0x00]))
    await client.next('pingresp')
  })

  it('and over TCP are one identity: the newer connection displaces the older one', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using first = await connectByWebSocket(hub, 'd1')
    const gone = hub.waitFor('deviceDisconnected')
    await using second = await RawMqttClient.connect(hub, 'd1')
    expect(await gone).toMatchObject({ reason: 'replaced' })
    await first.closed
    second.send({ cmd: 'pingreq' })
    await second.next('pingresp')
  })

  it.each(['fin', 'rst'] as const)('can be cut by %s', async manner => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using client = await connectByWebSocket(hub, 'd1')
    hub.disconnect('d1', manner)
    await client.closed
  })

  it('ends when a client sends text', async () => {
    await using hub = await startLocalHub()
    const webSocket = open(hub, '/$iothub/websocket', 'mqtt')
    await once(webSocket, 'open')
    webSocket.send('\u0010\u0000')
    await once(webSocket, 'close')
  })

  it.each([
    ['another path', '/elsewhere', 'mqtt'],
    ['another subprotocol', '/$iothub/websocket', 'chat'],
    ['no subprotocol', '/$iothub/websocket', []],
  ])('does not exist at %s', async (_name, path, protocols) => {
    await using hub = await startLocalHub()
    const [error] = await once(open(hub, path, protocols), 'error')
    expect(error).toMatchObject({ message: 'Unexpected server response: 400' })
  })

  it('says to a client of another protocol what it speaks', async () => {
    await using hub = await startLocalHub()
    const { host, port } = hub.httpsEndpoint
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Protocol': 'chat' }
    const request = get({
      host,
      port,
      path: '/$iothub/websocket',
      headers,
      ca: hub.caCertificate,
      servername: hub.hostName,
    })
    const [response] = await once(request, 'response')
    expect(response).toMatchObject({ statusCode: 400 })
    expect(String((await response.toArray())[0])).toMatch(
      /speaks these subprotocols on WebSockets, and no other: mqtt, AMQPWSB10/,
    )
  })

  it('ends with the hub, connected or not', async () => {
    const hub = await startLocalHub()
    await hub.createDevice('d1')
    await using idle = await RawMqttClient.dialWebSocket(hub)
    await using client = await connectByWebSocket(hub, 'd1')
    await hub.close()
    await Promise.all([idle.closed, client.closed])
  })
})

/** A peer that resets in the middle of the handshake must not end the process. */
describe('an upgrade that breaks', () => {
  it('does no harm', async () => {
    await using hub = await startLocalHub()
    const { host, port } = hub.httpsEndpoint
    for (const protocol of ['mqtt', 'other']) {
      const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Protocol': protocol }
      const request = get({
        host,
        port,
        path: '/$iothub/websocket',
        headers,
        ca: hub.caCertificate,
        servername: hub.hostName,
      })
      request.on('error', () => {})
      const [socket]: Socket[] = await once(request, 'socket')
      if (socket !== undefined) {
        await once(socket, 'secureConnect')
        socket.destroy()
      }
      await new Promise(resolve => request.once('close', resolve))
    }
    expect((await callRest(hub, { method: 'GET', path: '/devices' })).status).toBe(200)
  })
})
