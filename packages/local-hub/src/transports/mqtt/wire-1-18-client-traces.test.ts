import { generate, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { connectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import { inOneHour, parseConnectionString, signSas } from '../../../test/sas.ts'
import { type LocalHub, ManualClock } from '../../index.ts'

/** The next packets that the client gets, described, and proof that these are all. */
async function received(client: RawMqttClient, count: number): Promise<readonly string[]> {
  const seen: string[] = []
  while (seen.length < count) seen.push(describePacket(await client.nextOfAny()))
  client.send({ cmd: 'pingreq' })
  expect((await client.nextOfAny()).cmd).toBe('pingresp')
  return seen
}

function describePacket(packet: Packet): string {
  switch (packet.cmd) {
    case 'publish':
      return `publish q${packet.qos} ${packet.topic} ${packet.payload.toString()}`
    case 'suback':
      return `suback ${packet.messageId} ${JSON.stringify(packet.granted)}`
    default:
      return `${packet.cmd} ${packet.messageId ?? ''}`.trim()
  }
}

/** The CONNECT of the official Python client. */
function pythonConnect(hub: LocalHub, expiresAtInSeconds: number = inOneHour()): Packet {
  const { SharedAccessKey: key = '' } = parseConnectionString(hub.deviceConnectionString('d1'))
  const sr = encodeURIComponent(`${hub.hostName}/devices/d1`)
  const clientType = encodeURIComponent('azure-iot-device-iothub-py/2.14.0(3.11.2;Linux;#1 SMP;x86_64)')
  return connectPacket(hub, 'd1', {
    keepalive: 60,
    username: `${hub.hostName}/d1/?api-version=2019-10-01&DeviceClientType=${clientType}`,
    password: Buffer.from(signSas({ sr, se: expiresAtInSeconds, key })),
  })
}

const subscribe = (messageId: number, topic: string): Packet => ({
  cmd: 'subscribe',
  messageId,
  subscriptions: [{ topic, qos: 1 }],
})
const publish = (messageId: number, topic: string, payload: string): Packet => ({
  cmd: 'publish',
  messageId,
  topic,
  payload,
  qos: 1,
  dup: false,
  retain: false,
})

describe('the Python client (wire reference 1.18)', () => {
  it('speaks TLS 1.2 only, and QoS 1 throughout: each publish is acknowledged before it is answered', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub, { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' })
    client.send(pythonConnect(hub))
    expect(await client.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: false })

    client.send(subscribe(1, 'devices/d1/messages/devicebound/#'))
    client.send(subscribe(2, '$iothub/methods/POST/#'))
    client.send(
      publish(3, 'devices/d1/messages/events/%24.mid=m1&%24.ct=application%2Fjson&%24.ce=utf-8&a%20b=c', '{"t":21}'),
    )
    client.send(subscribe(4, '$iothub/twin/res/#'))
    client.send(publish(5, '$iothub/twin/GET/?$rid=0b9d6a3e-8d1c-4a54-9e7e-3c6f7c0a7a55', ' '))
    client.send(subscribe(6, '$iothub/twin/PATCH/properties/desired/#'))
    client.send(publish(7, '$iothub/twin/PATCH/properties/reported/?$rid=1b9d6a3e', '{"a": 1}'))
    client.send(publish(8, '$iothub/twin/PATCH/properties/reported/?$rid=2b9d6a3e', '{"a.b": 1}'))
    const packets = await received(client, 11)

    expect(packets.filter(each => each.startsWith('suback'))).toEqual([
      'suback 1 [1]',
      'suback 2 [1]',
      'suback 4 [1]',
      'suback 6 [1]',
    ])
    expect(packets.filter(each => !each.startsWith('suback'))).toEqual([
      'puback 3',
      'puback 5',
      'publish q0 $iothub/twin/res/200/?$rid=0b9d6a3e-8d1c-4a54-9e7e-3c6f7c0a7a55 {"desired":{"$version":1},"reported":{"$version":1}}',
      'puback 7',
      'publish q0 $iothub/twin/res/204/?$rid=1b9d6a3e&$version=2 ',
      'puback 8',
      expect.stringMatching(/^publish q0 \$iothub\/twin\/res\/400\/\?\$rid=2b9d6a3e \{"errorCode":400004,/),
    ])
  })

  it('after a reconnect subscribes to nothing, asks for its twin, and gets it', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.dial(hub, { maxVersion: 'TLSv1.2' })
    first.send(pythonConnect(hub))
    first.send(subscribe(1, '$iothub/twin/res/#'))
    await first.next('suback')
    const gone = hub.waitFor('deviceDisconnected')
    first.reset()
    await gone
    await using second = await RawMqttClient.dial(hub, { maxVersion: 'TLSv1.2' })
    second.send(pythonConnect(hub))
    second.send(publish(1, '$iothub/twin/GET/?$rid=a', ' '))
    expect(await second.next('connack')).toMatchObject({ sessionPresent: true })
    expect(await second.next('puback')).toMatchObject({ messageId: 1 })
    expect(await second.next('publish')).toMatchObject({ topic: '$iothub/twin/res/200/?$rid=a' })
  })

  it('answers methods at QoS 1, null for nothing', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub, { maxVersion: 'TLSv1.2' })
    client.send(pythonConnect(hub))
    client.send(subscribe(1, '$iothub/methods/POST/#'))
    await client.next('suback')
    const answer = callRest(hub, { method: 'POST', path: '/twins/d1/methods', body: { methodName: 'x' } })
    const { topic } = await client.next('publish')
    client.send(publish(2, topic.replace('POST/x', 'res/200'), 'null'))
    expect(await client.next('puback')).toMatchObject({ messageId: 2 })
    expect((await answer).body).toEqual({ status: 200, payload: null })
  })

  it('renews its token by a new connection, two minutes before it ends', async () => {
    const clock = new ManualClock()
    await using hub = await hubWithDevice(clock)
    await using first = await RawMqttClient.dial(hub)
    first.send(pythonConnect(hub))
    await first.next('connack')
    first.send({ cmd: 'disconnect' })
    await first.closed
    await using second = await RawMqttClient.dial(hub)
    second.send(pythonConnect(hub, inOneHour() + 3600))
    expect(await second.next('connack')).toMatchObject({ returnCode: 0 })
  })

  it('sends its first packets in one piece with CONNECT', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub)
    client.sendBytes(
      Buffer.concat([
        generate(pythonConnect(hub)),
        generate(subscribe(1, '$iothub/twin/res/#')),
        generate(publish(2, '$iothub/twin/GET/?$rid=a', ' ')),
      ]),
    )
    expect((await client.nextOfAny()).cmd).toBe('connack')
    expect((await client.nextOfAny()).cmd).toBe('suback')
    expect((await client.nextOfAny()).cmd).toBe('puback')
    expect((await client.nextOfAny()).cmd).toBe('publish')
  })
})

describe('the Node.js client (wire reference 1.18)', () => {
  it('speaks QoS 0 to twins and methods, QoS 1 to telemetry and the inbox', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1', { keepalive: 180 })
    const subscribeTo = (topic: string, qos: 0 | 1): void =>
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] })
    subscribeTo('devices/d1/messages/devicebound/#', 1)
    subscribeTo('$iothub/methods/POST/#', 0)
    client.publish('devices/d1/messages/events/', 'x', 1)
    subscribeTo('$iothub/twin/res/#', 0)
    client.publish('$iothub/twin/GET/?$rid=1', ' ')
    subscribeTo('$iothub/twin/PATCH/properties/desired/#', 0)
    client.publish('$iothub/twin/PATCH/properties/reported/?$rid=2', '{"a":1}')
    const packets = await received(client, 7)
    expect(packets.filter(each => each.startsWith('suback'))).toEqual([
      'suback 1 [1]',
      ...Array(3).fill('suback 1 [0]'),
    ])
    expect(packets.filter(each => !each.startsWith('suback'))).toEqual([
      'puback 7',
      'publish q0 $iothub/twin/res/200/?$rid=1 {"desired":{"$version":1},"reported":{"$version":1}}',
      'publish q0 $iothub/twin/res/204/?$rid=2&$version=2 ',
    ])
    client.send({ cmd: 'disconnect' })
    await client.closed
  })
})
