import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { connectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'

/** A packet by its first byte and its body; the length is right unless given. */
function packet(firstByte: number, body: Buffer, length: readonly number[] = lengthOf(body)): Buffer {
  return Buffer.concat([Buffer.from([firstByte, ...length]), body])
}

function lengthOf({ length }: Buffer): readonly number[] {
  const digits: number[] = []
  let rest = length
  do {
    digits.push((rest % 128) + (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return digits
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const events = 'devices/d1/messages/events/'
const id = Buffer.from([0, 7])
const notUtf8 = Buffer.from([0x61, 0xc3, 0x28])

const malformed: readonly [string, Buffer][] = [
  ['a packet type of 0', packet(0x00, Buffer.alloc(0))],
  ['a packet type of 15', packet(0xf0, Buffer.alloc(0))],
  ['CONNACK', packet(0x20, Buffer.from([0, 0]))],
  ['PUBREC', packet(0x50, id)],
  ['PUBREL', packet(0x62, id)],
  ['PUBCOMP', packet(0x70, id)],
  ['SUBACK', packet(0x90, Buffer.from([0, 7, 0]))],
  ['UNSUBACK', packet(0xb0, id)],
  ['PINGRESP', packet(0xd0, Buffer.alloc(0))],
  ['a length of five bytes', packet(0x30, Buffer.alloc(9), [0x80, 0x80, 0x80, 0x80, 0x01])],
  ['a length of four bytes without end', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['PUBLISH without a topic', packet(0x30, Buffer.alloc(0))],
  ['PUBLISH to an empty topic', packet(0x30, text(''))],
  ['PUBLISH whose topic is longer than the packet', packet(0x30, Buffer.from([0xff, 0xff, 0x61]))],
  ['PUBLISH with a wildcard #', packet(0x30, text(`${events}#`))],
  ['PUBLISH with a wildcard +', packet(0x30, text('devices/+/messages/events/'))],
  ['PUBLISH with NUL in the topic', packet(0x30, text(`${events}a=\0`))],
  ['PUBLISH with a topic that is not UTF-8', packet(0x30, text(Buffer.concat([Buffer.from(events), notUtf8])))],
  ['PUBLISH to a topic of 65,535 bytes that is none', packet(0x30, text('a'.repeat(65_535)))],
  [
    'PUBLISH of a twin request whose answer fits into no topic',
    packet(0x30, text(`$iothub/twin/GET/?$rid=${'1'.repeat(65_510)}`)),
  ],
  ['PUBLISH with QoS 3', packet(0x36, Buffer.concat([text(events), id]))],
  ['PUBLISH of QoS 0 as a duplicate', packet(0x38, text(events))],
  ['PUBLISH of QoS 1 without a message id', packet(0x32, text(events))],
  ['PUBLISH of QoS 1 with message id 0', packet(0x32, Buffer.concat([text(events), Buffer.from([0, 0])]))],
  [
    'PUBLISH of QoS 1 whose id is in the next packet',
    Buffer.concat([packet(0x32, text(events)), packet(0xc0, Buffer.alloc(0))]),
  ],
  ['PUBACK without a message id', packet(0x40, Buffer.alloc(0))],
  ['PUBACK with message id 0', packet(0x40, Buffer.from([0, 0]))],
  ['PUBACK with a tail', packet(0x40, Buffer.from([0, 7, 1]))],
  ['SUBSCRIBE with wrong flags', packet(0x80, Buffer.concat([id, text('a'), Buffer.from([0])]))],
  ['SUBSCRIBE without filters', packet(0x82, id)],
  ['SUBSCRIBE to an empty filter', packet(0x82, Buffer.concat([id, text(''), Buffer.from([0])]))],
  ['SUBSCRIBE without a QoS', packet(0x82, Buffer.concat([id, text('a')]))],
  ['SUBSCRIBE with QoS 3', packet(0x82, Buffer.concat([id, text('a'), Buffer.from([3])]))],
  ['SUBSCRIBE with message id 0', packet(0x82, Buffer.concat([Buffer.from([0, 0]), text('a'), Buffer.from([0])]))],
  ['SUBSCRIBE with a filter that is not UTF-8', packet(0x82, Buffer.concat([id, text(notUtf8), Buffer.from([0])]))],
  ['UNSUBSCRIBE with wrong flags', packet(0xa0, Buffer.concat([id, text('a')]))],
  ['UNSUBSCRIBE without filters', packet(0xa2, id)],
  ['PINGREQ with a body', packet(0xc0, Buffer.from([1]))],
  ['PINGREQ with flags', packet(0xc1, Buffer.alloc(0))],
  ['DISCONNECT with a body', packet(0xe0, Buffer.from([1]))],
  ['DISCONNECT with flags', packet(0xe1, Buffer.alloc(0))],
]

function connectBody(flags: number, ...fields: readonly Buffer[]): Buffer {
  return packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, flags, 0, 60]), ...fields]))
}

const malformedConnects: readonly [string, Buffer][] = [
  ['an unknown protocol', packet(0x10, Buffer.concat([text('MQTX'), Buffer.from([4, 0, 0, 60]), text('d1')]))],
  ['level 6', packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([6, 0, 0, 60]), text('d1')]))],
  ['the level of a bridge', packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([0x84, 0, 0, 60]), text('d1')]))],
  ['the reserved flag', connectBody(0x01, text('d1'))],
  ['a will QoS without a will', connectBody(0x08, text('d1'))],
  ['will QoS 3', connectBody(0x1c, text('d1'), text(events), text(''))],
  ['a password without a user name', connectBody(0x40, text('d1'), text('x'))],
  ['a client id that is not UTF-8', connectBody(0x02, text(notUtf8))],
  ['a client id with NUL', connectBody(0x02, text('d\0'))],
  ['a will to a wildcard', connectBody(0x04, text('d1'), text(`${events}#`), text(''))],
  ['fields cut short', connectBody(0xc0, text('d1'))],
  ['flags', packet(0x11, Buffer.concat([text('MQTT'), Buffer.from([4, 0, 0, 60]), text('d1')]))],
  ['a length of 256 MB', Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(500 * 1024)])],
]

describe('a malformed packet', () => {
  it.each(malformed)('%s ends the connection, and nothing else', async (_name, bytes) => {
    await using hub = await hubWithDevice()
    await hub.createDevice('bystander')
    await using bystander = await RawMqttClient.connect(hub, 'bystander')
    await using client = await RawMqttClient.connect(hub, 'd1')
    const gone = hub.waitFor('deviceDisconnected')
    client.sendBytes(bytes)
    expect(await gone).toMatchObject({ deviceId: 'd1', reason: 'protocolViolation' })
    await client.closed
    bystander.send({ cmd: 'pingreq' })
    await bystander.next('pingresp')
  })

  it.each(malformed)('%s in place of CONNECT is not heard', async (_name, bytes) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub)
    client.sendBytes(bytes)
    await client.closed
  })

  it.each(malformedConnects)('CONNECT with %s is not heard', async (_name, bytes) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub)
    client.sendBytes(bytes)
    await client.closed
  })

  it.each([
    ['MQIsdp, level 3', packet(0x10, Buffer.concat([text('MQIsdp'), Buffer.from([3, 0, 0, 60]), text('d1')]))],
    ['level 5', generate({ cmd: 'connect', protocolVersion: 5, clientId: 'd1' })],
  ])('CONNECT of %s is answered with CONNACK 1', async (_name, bytes) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.dial(hub)
    client.sendBytes(bytes)
    expect(await client.next('connack')).toMatchObject({ returnCode: 1 })
    await client.closed
  })

  it('CONNECT a second time ends the connection', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const gone = hub.waitFor('deviceDisconnected')
    client.send(connectPacket(hub, 'd1'))
    expect(await gone).toMatchObject({ reason: 'protocolViolation' })
  })

  it('after a good one does not take back what the good one did', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const received = hub.waitFor('telemetryReceived')
    client.sendBytes(
      Buffer.concat([packet(0x30, Buffer.concat([text(events), Buffer.from('x')])), Buffer.from([0xf0, 0])]),
    )
    expect((await received).payload).toEqual(Buffer.from('x'))
    await client.closed
  })
})
