import type { IPublishPacket } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { connectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'

const events = 'devices/d1/messages/events/'
const message: IPublishPacket = { cmd: 'publish', topic: events, payload: 'x', qos: 0, dup: false, retain: false }

describe('telemetry (wire reference 1.12, 1.13)', () => {
  it('is acknowledged when the hub has it, and announced with its properties', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const received = hub.waitFor('telemetryReceived')
    client.send({
      ...message,
      topic: `${events}%24.mid=id%201&%24.ct=application%2Fjson&a%20b=c%2Fd`,
      qos: 1,
      messageId: 5,
    })
    expect(await client.next('puback')).toMatchObject({ messageId: 5 })
    expect(await received).toEqual({
      type: 'telemetryReceived',
      deviceId: 'd1',
      payload: Buffer.from('x'),
      systemProperties: { messageId: 'id 1', contentType: 'application/json' },
      properties: { 'a b': 'c/d' },
    })
  })

  it.each([
    ['retained', { retain: true }, { 'mqtt-retain': 'true' }],
    ['a duplicate', { dup: true, qos: 1, messageId: 3 }, { 'mqtt-dup': 'true' }],
    ['both', { dup: true, retain: true, qos: 1, messageId: 3 }, { 'mqtt-retain': 'true', 'mqtt-dup': 'true' }],
  ] as const)('that is %s is marked so', async (_name, flags, properties) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const received = hub.waitFor('telemetryReceived')
    client.send({ ...message, ...flags })
    expect((await received).properties).toEqual(properties)
  })

  it('may have 256 KB with its topic, and no more', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const largest = 256 * 1024 - events.length
    client.publish(events, 'x'.repeat(largest), 1)
    await client.next('puback')
    const gone = hub.waitFor('deviceDisconnected')
    client.publish(events, 'x'.repeat(largest + 1), 1)
    expect(await gone).toMatchObject({ reason: 'protocolViolation' })
    await client.closed
  })

  it('arrives and is acknowledged in the order in which it was sent', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const received: string[] = []
    hub.subscribe(event => event.type === 'telemetryReceived' && received.push(Buffer.from(event.payload).toString()))
    const ids = Array.from({ length: 100 }, (_, index) => index + 1)
    for (const messageId of ids) client.send({ ...message, payload: String(messageId), qos: 1, messageId })
    const acknowledged: (number | undefined)[] = []
    while (acknowledged.length < ids.length) acknowledged.push((await client.next('puback')).messageId)
    expect(acknowledged).toEqual(ids)
    expect(received).toEqual(ids.map(String))
  })
})

describe('a will (wire reference 1.12)', () => {
  const will = { topic: `${events}a=1`, payload: Buffer.from('bye'), qos: 0, retain: false } as const

  it('is told when the connection breaks, not when it ends in order', async () => {
    await using hub = await hubWithDevice()
    const seen: string[] = []
    hub.subscribe(event => seen.push(event.type))
    await using polite = await RawMqttClient.connect(hub, 'd1', { will })
    polite.send({ cmd: 'disconnect' })
    await polite.closed
    await using broken = await RawMqttClient.connect(hub, 'd1', { will })
    const told = hub.waitFor('telemetryReceived')
    broken.destroy()
    expect(await told).toMatchObject({ properties: { a: '1', 'iothub-MessageType': 'Will' }, payload: will.payload })
    expect(seen.filter(each => each === 'telemetryReceived')).toHaveLength(1)
  })

  it('is told when the hub ends the connection', async () => {
    await using hub = await hubWithDevice()
    const told = hub.waitFor('telemetryReceived')
    await using client = await RawMqttClient.connect(hub, 'd1', { will })
    client.publish('nowhere')
    expect(await told).toMatchObject({ payload: will.payload })
  })

  it.each([
    ['to a topic of another device', { ...will, topic: 'devices/d2/messages/events/' }],
    ['to a topic that is not telemetry', { ...will, topic: '$iothub/twin/GET/?$rid=1' }],
    ['with QoS 2', { ...will, qos: 2 as const }],
  ])('%s is refused with the connection', async (_name, bad) => {
    await using hub = await hubWithDevice()
    const refused = hub.waitFor('accessRefused')
    await using client = await RawMqttClient.dial(hub)
    client.send(connectPacket(hub, 'd1', { will: bad }))
    expect(await client.next('connack')).toMatchObject({ returnCode: 5 })
    expect(await refused).toMatchObject({ reason: 'invalidWill' })
  })
})
