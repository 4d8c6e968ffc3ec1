import * as fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'

/** A valid packet of a client, as bytes. */
export function validPackets(connect: Packet): fc.Arbitrary<Buffer> {
  const messageId = fc.integer({ min: 1, max: 65_535 })
  const topic = fc.constantFrom(
    'devices/d1/messages/events/a=1',
    '$iothub/twin/GET/?$rid=1',
    '$iothub/twin/PATCH/properties/reported/?$rid=2',
    '$iothub/methods/res/200/?$rid=3',
  )
  const filter = fc.constantFrom(
    '$iothub/twin/res/#',
    '$iothub/methods/POST/#',
    'devices/d1/messages/devicebound/#',
    '#',
  )
  const qos = fc.constantFrom(0, 1)
  const payload = fc.constantFrom('', ' ', '{"a":1}', 'x'.repeat(300))
  const packets: fc.Arbitrary<Packet>[] = [
    fc.constant(connect),
    fc.record({
      cmd: fc.constant('publish'),
      topic,
      payload,
      qos,
      dup: fc.constant(false),
      retain: fc.boolean(),
      messageId,
    }),
    fc.record({
      cmd: fc.constant('subscribe'),
      messageId,
      subscriptions: fc.array(fc.record({ topic: filter, qos }), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      cmd: fc.constant('unsubscribe'),
      messageId,
      unsubscriptions: fc.array(filter, { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ cmd: fc.constant('puback'), messageId }),
    fc.constant({ cmd: 'pingreq' }),
    fc.constant({ cmd: 'disconnect' }),
  ]
  return fc.oneof(...packets).map(packet => generate(packet))
}

/** Bytes that came from a valid packet, but were damaged on the way: changed, cut, doubled, or with a length that lies. */
export function damagedPackets(connect: Packet): fc.Arbitrary<Buffer> {
  const at = fc.nat({ max: 400 })
  const byte = fc.nat({ max: 255 })
  const damage = fc.oneof(
    fc.tuple(at, byte).map(
      ([index, value]) =>
        (bytes: Buffer) =>
          changed(bytes, index, value),
    ),
    at.map(index => (bytes: Buffer) => bytes.subarray(0, index % (bytes.length + 1))),
    fc.tuple(at, byte).map(
      ([index, value]) =>
        (bytes: Buffer) =>
          inserted(bytes, index, value),
    ),
    byte.map(value => (bytes: Buffer) => changed(bytes, 1, value)),
    fc.constant((bytes: Buffer) =>
      Buffer.concat([bytes.subarray(0, 1), Buffer.from([0xff, 0xff, 0xff, 0x7f]), bytes.subarray(2)]),
    ),
    fc.constant((bytes: Buffer) =>
      Buffer.concat([bytes.subarray(0, 1), Buffer.from([0x80, 0x80, 0x80, 0x80, 0x01]), bytes.subarray(2)]),
    ),
    fc.constant((bytes: Buffer) => Buffer.concat([bytes, bytes])),
  )
  return fc
    .tuple(validPackets(connect), fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([bytes, damages]) => damages.reduce((damaged, apply) => apply(damaged), bytes))
}

function changed(bytes: Buffer, index: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[index % copy.length] = value
  return copy
}

function inserted(bytes: Buffer, index: number, value: number): Buffer {
  const position = index % (bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, position), Buffer.from([value]), bytes.subarray(position)])
}
