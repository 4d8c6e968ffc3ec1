import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { type ConnectOverrides, connectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import { inOneHour, signSas } from '../../../test/sas.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const methods = '$iothub/methods/POST/#'
const twinResponses = '$iothub/twin/res/#'

describe('CONNECT (wire reference 1.2 to 1.6)', () => {
  const refusals: readonly [string, (hub: LocalHub) => ConnectOverrides, string][] = [
    ['a forged key', hub => ({ password: Buffer.from(tokenOf(hub, 'd1', 'YWFh')) }), 'wrongSignature'],
    ['an empty password', () => ({ password: Buffer.alloc(0) }), 'malformedToken'],
    ['an expired token', hub => connectPacketWithExpiry(hub, 1), 'tokenExpired'],
    ['a foreign host', () => ({ username: 'other.example/d1/?api-version=2021-04-12' }), 'wrongHost'],
    ['another client id', () => ({ clientId: 'd2' }), 'clientIdMismatch'],
    ['an unknown device', hub => ({ clientId: 'd2', username: `${hub.hostName}/d2/?api-version=1` }), 'unknownDevice'],
    ['a malformed user name', () => ({ username: 'd1' }), 'malformedUserName'],
    [
      'an unknown module',
      hub => ({ clientId: 'd1/m1', username: `${hub.hostName}/d1/m1/?api-version=1` }),
      'unknownModule',
    ],
  ]

  it.each(refusals)('with %s gets CONNACK 5, then the end', async (_name, overrides, reason) => {
    await using hub = await hubWithDevice()
    const refused = hub.waitFor('accessRefused')
    await using client = await RawMqttClient.dial(hub)
    client.send(connectPacket(hub, 'd1', overrides(hub)))
    expect(await client.next('connack')).toMatchObject({ returnCode: 5, sessionPresent: false })
    await client.closed
    expect(await refused).toMatchObject({ reason })
  })

  it('without a password gets CONNACK 5', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub)
    const { password, ...packet } = connectPacket(hub, 'd1')
    expect(password).toBeDefined()
    client.send(packet)
    expect(await client.next('connack')).toMatchObject({ returnCode: 5 })
  })

  it('of a disabled device gets CONNACK 5', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1', { status: 'disabled' })
    await expect(RawMqttClient.connect(hub, 'd1')).rejects.toThrow('CONNACK 5')
  })

  it('in another protocol version is not accepted', async () => {
    await using hub = await hubWithDevice()
    await using old = await RawMqttClient.dial(hub)
    old.send(connectPacket(hub, 'd1', { protocolId: 'MQIsdp', protocolVersion: 3 }))
    await old.closed
    await using newer = await RawMqttClient.dial(hub)
    newer.send(connectPacket(hub, 'd1', { protocolVersion: 5 }))
    await newer.closed
  })

  it('must be the first packet', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub)
    client.send({ cmd: 'pingreq' })
    await client.closed
  })

  it('a second time closes the first connection', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.connect(hub, 'd1')
    const replaced = hub.waitFor('deviceDisconnected')
    await using second = await RawMqttClient.connect(hub, 'd1')
    expect(await replaced).toMatchObject({ reason: 'replaced' })
    await first.closed
    await second.subscribe(twinResponses)
    second.publish('$iothub/twin/GET/?$rid=1')
    expect(await second.next('publish')).toMatchObject({ topic: '$iothub/twin/res/200/?$rid=1' })
  })

  it('with a forged key does not disturb the device that is connected', async () => {
    await using hub = await hubWithDevice()
    await using device = await RawMqttClient.connect(hub, 'd1')
    await using intruder = await RawMqttClient.dial(hub)
    intruder.send(connectPacket(hub, 'd1', { password: Buffer.from(tokenOf(hub, 'd1', 'YWFh')) }))
    await intruder.closed
    device.send({ cmd: 'pingreq' })
    await device.next('pingresp')
  })
})

describe('CONNACK (wire reference 1.6)', () => {
  it('comes before anything else that the hub has for the device', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.connect(hub, 'd1')
    await first.subscribe(methods)
    hub.disconnect('d1')
    await first.closed
    const body = { methodName: 'hello', connectTimeoutInSeconds: 5 }
    const invoked = hub.waitFor('methodInvoked')
    const answer = callRest(hub, { method: 'POST', path: '/twins/d1/methods', body })
    await invoked
    await using second = await RawMqttClient.dial(hub)
    second.send(connectPacket(hub, 'd1'))
    expect((await second.nextOfAny()).cmd).toBe('connack')
    expect(await second.next('publish')).toMatchObject({ topic: '$iothub/methods/POST/hello/?$rid=1' })
    second.publish('$iothub/methods/res/200/?$rid=1', '{"a":1}')
    expect((await answer).body).toEqual({ status: 200, payload: { a: 1 } })
  })

  it('comes when the hub already knows that the device is there', async () => {
    await using hub = await hubWithDevice()
    for (let round = 0; round < 20; round += 1) {
      await using client = await RawMqttClient.connect(hub, 'd1')
      hub.disconnect('d1')
      await client.closed
    }
  })
})

function tokenOf(hub: LocalHub, deviceId: string, key: string, se: number = inOneHour()): string {
  return signSas({ sr: encodeURIComponent(`${hub.hostName}/devices/${deviceId}`), se, key })
}

function connectPacketWithExpiry(hub: LocalHub, se: number): ConnectOverrides {
  const key = /SharedAccessKey=([^;]+)/.exec(hub.deviceConnectionString('d1'))?.[1] ?? ''
  return { password: Buffer.from(tokenOf(hub, 'd1', key, se)) }
}
