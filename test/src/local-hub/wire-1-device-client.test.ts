import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import azureDevice, { type Client } from 'azure-iot-device'
import { describe, expect, it } from 'vitest'
import { createCertificate } from '../../../packages/local-hub/test/certificates.ts'
import { RawMqttClient } from '../../../packages/local-hub/test/raw-mqtt-client.ts'
import { inOneHour, parseConnectionString, signSas } from '../../../packages/local-hub/test/sas.ts'
import { desiredAt, registryOf, report, serviceClientOf } from './azure-clients.ts'
import { type CredentialKind, createDeviceClient, routeTo, type TransportName } from './device-clients.ts'

const kinds: readonly (readonly [TransportName, CredentialKind])[] = [
  ['Mqtt', 'sas'],
  ['Mqtt', 'selfSigned'],
  ['Mqtt', 'certificateAuthority'],
  ['MqttWs', 'sas'],
  ['MqttWs', 'selfSigned'],
  ['MqttWs', 'certificateAuthority'],
]

describe.each(kinds)('the official device client over %s with %s', (transport, kind) => {
  async function withClient(act: (hub: LocalHub, client: Client) => Promise<void>): Promise<void> {
    await using hub = await startLocalHub()
    const client = await createDeviceClient(hub, 'd1', transport, kind)
    await client.open()
    try {
      await act(hub, client)
    } finally {
      await client.close()
    }
  }

  it('sends telemetry with all properties', () =>
    withClient(async (hub, client) => {
      const received = hub.waitFor('telemetryReceived')
      const message = new azureDevice.Message('{"t":21}')
      message.messageId = 'id 1'
      message.correlationId = 'c'
      message.userId = 'u'
      message.contentType = 'application/json'
      message.contentEncoding = 'utf-8'
      message.properties.add('a b', 'c/d')
      await client.sendEvent(message)
      expect(await received).toMatchObject({
        deviceId: 'd1',
        payload: Buffer.from('{"t":21}'),
        systemProperties: { messageId: 'id 1', correlationId: 'c', userId: 'u', contentType: 'application/json' },
        properties: { 'a b': 'c/d' },
      })
    }))

  it('gets messages, and completes them', () =>
    withClient(async (hub, client) => {
      const subscribed = hub.waitFor('deviceSubscribed')
      const message = new Promise<azureDevice.Message>(resolve => client.on('message', resolve))
      await subscribed
      const settled = hub.waitFor('cloudToDeviceSettled')
      await hub.sendMessage('d1', { payload: 'wake up', messageId: 'm1', properties: { 'a b': 'c/d' } })
      const received = await message
      expect(received.getData()).toEqual(Buffer.from('wake up'))
      expect([received.messageId, received.properties.getValue('a b')]).toEqual(['m1', 'c/d'])
      await client.complete(received)
      expect(await settled).toMatchObject({ messageId: 'm1', outcome: 'completed' })
    }))

  it('answers methods', () =>
    withClient(async (hub, client) => {
      const listening = hub.waitFor('deviceSubscribed')
      client.onDeviceMethod('echo', (request, response) => {
        void response.send(201, { echoed: request.payload })
      })
      await listening
      const call = { methodName: 'echo', payload: { a: [1] } }
      const { result } = await serviceClientOf(hub).invokeDeviceMethod('d1', call)
      expect(result).toEqual({ status: 201, payload: { echoed: { a: [1] } } })
    }))

  it('reads its twin, reports, is refused what is illegal, and hears of desired properties', () =>
    withClient(async (hub, client) => {
      const twin = await client.getTwin()
      expect(twin.properties.desired).toEqual({ $version: 1 })
      await report(twin, { a: 1 })
      await expect(report(twin, { 'a.b': 1 })).rejects.toThrow(/'a\.b'|a\.b/)
      const listening = hub.waitFor('deviceSubscribed', event => event.subscription === 'desiredProperties')
      twin.on('properties.desired', () => {})
      await listening
      const told = desiredAt(twin, 2)
      await registryOf(hub).updateTwin('d1', { properties: { desired: { b: 2 } } }, '*')
      expect(await told).toEqual({ b: 2, $version: 2 })
      const { responseBody } = await registryOf(hub).getTwin('d1')
      expect(responseBody).toMatchObject({ properties: { reported: { a: 1 } }, connectionState: 'Connected' })
    }))

  it('stops listening', () =>
    withClient(async (hub, client) => {
      const subscribed = hub.waitFor('deviceSubscribed')
      client.on('message', () => {})
      await subscribed
      // The client knows of its subscription a moment after the hub does.
      await client.sendEvent(new azureDevice.Message('x'))
      const unsubscribed = hub.waitFor('deviceUnsubscribed')
      client.removeAllListeners('message')
      expect(await unsubscribed).toMatchObject({ subscription: 'cloudToDeviceMessages' })
    }))

  it('does not know how to send batches or to reject and abandon messages', () =>
    withClient(async (hub, client) => {
      await expect(client.sendEventBatch([new azureDevice.Message('x')])).rejects.toMatchObject({
        name: 'NotImplementedError',
      })
      const message = new azureDevice.Message('x')
      await expect(client.reject(message)).rejects.toMatchObject({ name: 'NotImplementedError' })
      await expect(client.abandon(message)).rejects.toMatchObject({ name: 'NotImplementedError' })
      expect(hub.hostName).toBe('local-hub.azure-devices.net')
    }))

  it.each(['fin', 'rst'] as const)('returns after a %s; what it has subscribed to is kept', manner =>
    withClient(async (hub, client) => {
      client.setRetryPolicy({ shouldRetry: () => true, nextRetryTimeout: () => 10 })
      const twin = await client.getTwin()
      const listening = hub.waitFor('deviceSubscribed', event => event.subscription === 'desiredProperties')
      twin.on('properties.desired', () => {})
      await listening
      const back = hub.waitFor('deviceConnected')
      hub.disconnect('d1', manner)
      await back
      await report(twin, { back: true })
      const told = desiredAt(twin, 2)
      await registryOf(hub).updateTwin('d1', { properties: { desired: { b: 2 } } }, '*')
      expect(await told).toEqual({ b: 2, $version: 2 })
    }),
  )

  it('is displaced by a second one with its identity', () =>
    withClient(async (hub, client) => {
      client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => -1 })
      const disconnected = new Promise(resolve => client.on('disconnect', resolve))
      const replaced = hub.waitFor('deviceDisconnected')
      await using second = await connectAgain(hub, 'd1')
      expect(await replaced).toMatchObject({ deviceId: 'd1', reason: 'replaced' })
      await disconnected
      second.send({ cmd: 'pingreq' })
      await second.next('pingresp')
    }))
})

/** Connects with the token of a policy, which any device may do, whatever its own credentials. */
async function connectAgain(hub: LocalHub, deviceId: string): Promise<RawMqttClient> {
  const { SharedAccessKey: key = '' } = parseConnectionString(hub.connectionString('device'))
  const sr = encodeURIComponent(`${hub.hostName}/devices/${deviceId}`)
  const password = Buffer.from(signSas({ sr, se: inOneHour(), key, skn: 'device' }))
  const client = await RawMqttClient.dial(hub)
  client.send({ cmd: 'connect', clientId: deviceId, username: `${hub.hostName}/${deviceId}/`, password, keepalive: 60 })
  await client.next('connack')
  return client
}

describe('the official device client with a certificate', () => {
  it('is refused when it is not the one of the device', async () => {
    await using hub = await startLocalHub()
    const client = await createDeviceClient(hub, 'd1', 'Mqtt', 'selfSigned')
    const { cert, key } = await createCertificate({ commonName: 'd1' })
    await client.setOptions({ ...routeTo(hub), cert, key })
    const refused = hub.waitFor('accessRefused')
    await expect(client.open()).rejects.toMatchObject({ name: 'UnauthorizedError' })
    expect(await refused).toMatchObject({ reason: 'wrongThumbprint' })
    await client.close()
  })

  it('is refused as a device that has keys', async () => {
    await using hub = await startLocalHub()
    const client = await createDeviceClient(hub, 'd1', 'Mqtt', 'selfSigned')
    await registryOf(hub).delete('d1')
    await hub.createDevice('d1')
    const refused = hub.waitFor('accessRefused')
    await expect(client.open()).rejects.toMatchObject({ name: 'UnauthorizedError' })
    expect(await refused).toMatchObject({ reason: 'wrongAuthenticationType' })
    await client.close()
  })
})
