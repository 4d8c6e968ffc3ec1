import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { connectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { ManualClock } from '../../index.ts'

const methods = '$iothub/methods/POST/#'
const twinResponses = '$iothub/twin/res/#'
const desired = '$iothub/twin/PATCH/properties/desired/#'

describe('a session (wire reference 1.7)', () => {
  it('is kept, with its subscriptions', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.connect(hub, 'd1')
    await first.subscribe(twinResponses, 1)
    await first.subscribe(desired, 1)
    first.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [desired] })
    await first.next('unsuback')
    const gone = hub.waitFor('deviceDisconnected')
    first.destroy()
    await gone
    await using second = await RawMqttClient.dial(hub)
    second.send(connectPacket(hub, 'd1'))
    expect(await second.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: true })
    second.publish('$iothub/twin/GET/?$rid=r', ' ', 1)
    expect(await second.next('puback')).toMatchObject({ messageId: 7 })
    const { topic, payload, qos } = await second.next('publish')
    expect([topic, qos]).toEqual(['$iothub/twin/res/200/?$rid=r', 0])
    expect(JSON.parse(payload.toString())).toEqual({ desired: { $version: 1 }, reported: { $version: 1 } })
  })

  it('is not present when it was lost, or never was', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.dial(hub)
    first.send(connectPacket(hub, 'd1'))
    expect(await first.next('connack')).toMatchObject({ sessionPresent: false })
    await first.subscribe(methods)
    hub.loseSession('d1')
    hub.disconnect('d1')
    await first.closed
    await using second = await RawMqttClient.dial(hub)
    second.send(connectPacket(hub, 'd1'))
    expect(await second.next('connack')).toMatchObject({ sessionPresent: false })
  })
})

describe('a connection (wire reference 1.4, 1.8)', () => {
  it('ends when its token does', async () => {
    const clock = new ManualClock()
    await using hub = await hubWithDevice(clock)
    await using client = await RawMqttClient.connect(hub, 'd1', { keepalive: 0 })
    const gone = hub.waitFor('deviceDisconnected')
    clock.advance(3_601_000)
    expect(await gone).toMatchObject({ reason: 'tokenExpired' })
    await client.closed
  })

  it('ends one and a half keep-alive periods after the last packet', async () => {
    const clock = new ManualClock()
    await using hub = await hubWithDevice(clock)
    const gone = hub.waitFor('deviceDisconnected')
    await using client = await RawMqttClient.connect(hub, 'd1', { keepalive: 60 })
    clock.advance(89_000)
    client.send({ cmd: 'pingreq' })
    await client.next('pingresp')
    clock.advance(89_999)
    client.send({ cmd: 'pingreq' })
    await client.next('pingresp')
    clock.advance(90_000)
    expect(await gone).toMatchObject({ reason: 'keepAliveExpired' })
    await client.closed
  })

  it('may be silent for 1,767 seconds at most, unless it asked for no keep-alive', async () => {
    const clock = new ManualClock()
    await using hub = await hubWithDevice(clock)
    await hub.createDevice('d2')
    await using silent = await RawMqttClient.connect(hub, 'd1', { keepalive: 65_535 })
    await using free = await RawMqttClient.connect(hub, 'd2', { keepalive: 0 })
    clock.advance(1_767_000)
    await silent.closed
    free.send({ cmd: 'pingreq' })
    await free.next('pingresp')
  })
})
