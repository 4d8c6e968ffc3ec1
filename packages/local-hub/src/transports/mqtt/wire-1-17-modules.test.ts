import { describe, expect, it } from 'vitest'
import { connectPacket, moduleConnectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

async function hubWithModule(): Promise<LocalHub> {
  const hub = await startLocalHub()
  await hub.createDevice('d1')
  await hub.createModule('d1', 'm1')
  return hub
}

describe('a module (wire reference 1.17)', () => {
  it('is connected beside its device, each by its own key', async () => {
    await using hub = await hubWithModule()
    await using device = await RawMqttClient.connect(hub, 'd1')
    await using module = await RawMqttClient.connectModule(hub, 'd1', 'm1')
    for (const client of [device, module]) {
      client.send({ cmd: 'pingreq' })
      await client.next('pingresp')
    }
    const { body } = await callRest(hub, { method: 'GET', path: '/devices/d1/modules/m1' })
    expect(body).toMatchObject({ connectionState: 'Connected' })
  })

  it('does not connect with the key of its device, nor the device with that of the module', async () => {
    await using hub = await hubWithModule()
    const { password: devicePassword = Buffer.alloc(0) } = connectPacket(hub, 'd1')
    const { password: modulePassword = Buffer.alloc(0) } = moduleConnectPacket(hub, 'd1', 'm1')
    for (const packet of [
      { ...connectPacket(hub, 'd1'), password: modulePassword },
      { ...moduleConnectPacket(hub, 'd1', 'm1'), password: devicePassword },
      { ...moduleConnectPacket(hub, 'd1', 'm1'), clientId: 'd1' },
      { ...moduleConnectPacket(hub, 'd1', 'm1'), clientId: 'd1/m2' },
    ]) {
      await using client = await RawMqttClient.dial(hub)
      client.send(packet)
      expect(await client.next('connack')).toMatchObject({ returnCode: 5 })
    }
  })

  it('has a twin of its own', async () => {
    await using hub = await hubWithModule()
    await using module = await RawMqttClient.connectModule(hub, 'd1', 'm1')
    await module.subscribe('$iothub/twin/res/#')
    await module.subscribe('$iothub/twin/PATCH/properties/desired/#')
    module.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', '{"a":1}')
    expect(await module.next('publish')).toMatchObject({ topic: '$iothub/twin/res/204/?$rid=1&$version=2' })
    const path = '/twins/d1/modules/m1'
    const { body } = await callRest(hub, { method: 'PATCH', path, body: { properties: { desired: { b: 2 } } } })
    expect(body).toMatchObject({ moduleId: 'm1', properties: { reported: { a: 1 } } })
    expect((await module.next('publish')).payload.toString()).toBe('{"b":2,"$version":2}')
    expect((await callRest(hub, { method: 'GET', path: '/twins/d1' })).body).toMatchObject({
      properties: { reported: { $version: 1 } },
    })
  })

  it('answers its own methods', async () => {
    await using hub = await hubWithModule()
    await using device = await RawMqttClient.connect(hub, 'd1')
    await using module = await RawMqttClient.connectModule(hub, 'd1', 'm1')
    await device.subscribe('$iothub/methods/POST/#')
    await module.subscribe('$iothub/methods/POST/#')
    const path = '/twins/d1/modules/m1/methods'
    const answer = callRest(hub, { method: 'POST', path, body: { methodName: 'x' } })
    const { topic } = await module.next('publish')
    module.publish(topic.replace('POST/x', 'res/200'), '"from the module"')
    expect((await answer).body).toEqual({ status: 200, payload: 'from the module' })
  })

  it('sends telemetry of its own, by outputs', async () => {
    await using hub = await hubWithModule()
    await using module = await RawMqttClient.connectModule(hub, 'd1', 'm1')
    const received = hub.waitFor('telemetryReceived')
    module.publish('devices/d1/modules/m1/messages/events/%24.on=out1/', 'x', 1)
    await module.next('puback')
    expect(await received).toMatchObject({ deviceId: 'd1', moduleId: 'm1', systemProperties: { outputName: 'out1' } })
  })

  it('may have all of its subscriptions at once', async () => {
    await using hub = await hubWithModule()
    await using module = await RawMqttClient.connectModule(hub, 'd1', 'm1')
    const filters = [
      'devices/d1/modules/m1/inputs/#',
      'devices/d1/modules/m1/#',
      '$iothub/methods/POST/#',
      '$iothub/twin/res/#',
      '$iothub/twin/PATCH/properties/desired/#',
    ]
    for (const filter of filters) expect((await module.subscribe(filter, 1)).granted).toEqual([1])
  })

  it.each(['devices/d1/messages/events/', 'devices/d1/modules/m2/messages/events/'])(
    'may not publish to %s',
    async topic => {
      await using hub = await hubWithModule()
      await using module = await RawMqttClient.connectModule(hub, 'd1', 'm1')
      const gone = hub.waitFor('deviceDisconnected')
      module.publish(topic, 'x')
      expect(await gone).toMatchObject({ moduleId: 'm1', reason: 'protocolViolation' })
    },
  )

  it('is thrown out with its device', async () => {
    await using hub = await hubWithModule()
    await using module = await RawMqttClient.connectModule(hub, 'd1', 'm1')
    await callRest(hub, { method: 'DELETE', path: '/devices/d1', headers: { 'If-Match': '*' } })
    await module.closed
  })
})
