import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { RawMqttClient } from '../../../test/raw-mqtt-client.ts'

describe('a publish (wire reference 1.10)', () => {
  it.each([
    ['to the topic of another device', 'devices/d2/messages/events/', 1],
    ['to the topic of a module of its own', 'devices/d1/modules/m1/messages/events/', 1],
    ['to the inbox of its own', 'devices/d1/messages/devicebound/', 1],
    ['to a topic that is none of the hub', 'telemetry', 0],
    ['to a topic of the broker', '$SYS/broker', 0],
    ['to a method of its own', '$iothub/methods/POST/reboot/?$rid=1', 0],
    ['of desired properties', '$iothub/twin/PATCH/properties/desired/?$rid=1', 0],
    ['without a request id', '$iothub/twin/GET/', 0],
    ['with QoS 2', 'devices/d1/messages/events/', 2],
  ] as const)('%s ends the connection', async (_name, topic, qos) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const gone = hub.waitFor('deviceDisconnected')
    client.publish(topic, 'x', qos)
    expect(await gone).toMatchObject({ reason: 'protocolViolation' })
    await client.closed
  })
})

describe('a subscription (wire reference 1.11)', () => {
  const own = [
    'devices/d1/messages/devicebound/#',
    '$iothub/methods/POST/#',
    '$iothub/twin/res/#',
    '$iothub/twin/PATCH/properties/desired/#',
  ]

  it.each([
    [0, 0],
    [1, 1],
    [2, 1],
  ] as const)('with QoS %d is granted %d', async (asked, granted) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    for (const filter of own) expect((await client.subscribe(filter, asked)).granted).toEqual([granted])
  })

  it.each([
    '#',
    '+/+/+/+',
    '$SYS/#',
    '$iothub/#',
    '$iothub/twin/#',
    'devices/d2/messages/devicebound/#',
    'devices/+/messages/devicebound/#',
    'devices/d1/messages/events/#',
    'devices/d1/messages/devicebound/',
  ])('to %s is refused; the connection stays', async filter => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    expect((await client.subscribe(filter)).granted).toEqual([128])
    client.send({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: [filter] })
    expect(await client.next('unsuback')).toMatchObject({ messageId: 4 })
  })

  it('to several filters at once is answered for each', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const subscriptions = [...own, 'x', ...own].map((topic, index) => ({ topic, qos: index < 2 ? 1 : 0 }) as const)
    client.send({ cmd: 'subscribe', messageId: 8, subscriptions })
    expect(await client.next('suback')).toMatchObject({ messageId: 8, granted: [1, 1, 0, 0, 128, 0, 0, 0, 0] })
  })

  it('ends with UNSUBSCRIBE, also for the next connection', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe('$iothub/twin/res/#')
    client.send({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['$iothub/twin/res/#', 'x'] })
    await client.next('unsuback')
    client.publish('$iothub/twin/GET/?$rid=1', ' ', 1)
    await client.next('puback')
    client.send({ cmd: 'pingreq' })
    expect((await client.nextOfAny()).cmd).toBe('pingresp')
  })
})
