import { describe, expect, it } from 'vitest'
import { type ConnectOverrides, connectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import { inOneHour, signSas } from '../../../test/sas.ts'
import { type LocalHub, ManualClock, startLocalHub } from '../../index.ts'

const methods = '$iothub/methods/POST/#'
const twinResponses = '$iothub/twin/res/#'
const desired = '$iothub/twin/PATCH/properties/desired/#'

async function hubWithDevice(clock?: ManualClock): Promise<LocalHub> {
  const hub = await startLocalHub({ clock })
  await hub.createDevice('d1')
  return hub
}

describe('CONNECT', () => {
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

describe('CONNACK', () => {
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

describe('a stream of garbage', () => {
  it.each([
    ['bytes of no meaning', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['zeros', Buffer.alloc(64)],
    ['a length without end', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a CONNECT cut short', Buffer.from([0x10, 0x04, 0x00, 0x04, 0x4d, 0x51])],
  ])('made of %s ends its connection and nothing else', async (_name, bytes) => {
    await using hub = await hubWithDevice()
    await using device = await RawMqttClient.connect(hub, 'd1')
    await using intruder = await RawMqttClient.dial(hub)
    intruder.sendBytes(bytes)
    await intruder.closed
    device.sendBytes(bytes)
    await device.closed
    await using next = await RawMqttClient.connect(hub, 'd1')
    next.send({ cmd: 'pingreq' })
    await next.next('pingresp')
  })
})

describe('a session', () => {
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

describe('a subscription', () => {
  it('to anything but the filters of the hub is refused', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    expect((await client.subscribe('#')).granted).toEqual([128])
    expect((await client.subscribe('devices/d2/messages/devicebound/#')).granted).toEqual([128])
    expect((await client.subscribe('devices/d1/messages/devicebound/#', 1)).granted).toEqual([1])
    expect((await client.subscribe(methods)).granted).toEqual([0])
  })
})

describe('a publish', () => {
  it.each([
    ['to a topic of another device', 'devices/d2/messages/events/', 1],
    ['to a topic that is none of the hub', 'telemetry', 0],
    ['with QoS 2', 'devices/d1/messages/events/', 2],
  ] as const)('%s ends the connection', async (_name, topic, qos) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const gone = hub.waitFor('deviceDisconnected')
    client.publish(topic, 'x', qos)
    expect(await gone).toMatchObject({ reason: 'protocolViolation' })
    await client.closed
  })

  it('over 256 KB ends the connection', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    client.publish('devices/d1/messages/events/', 'x'.repeat(256 * 1024), 1)
    await client.closed
  })

  it('of telemetry is acknowledged and announced; retained it is not, but marked', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const received = hub.waitFor('telemetryReceived')
    client.send({
      cmd: 'publish',
      topic: 'devices/d1/messages/events/a=1',
      payload: 'x',
      qos: 1,
      dup: false,
      retain: true,
      messageId: 5,
    })
    await client.next('puback')
    const { properties, payload } = await received
    expect([properties, Buffer.from(payload).toString()]).toEqual([{ a: '1', 'mqtt-retain': 'true' }, 'x'])
  })

  it('before any subscription to twin responses has no answer', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    client.publish('$iothub/twin/GET/?$rid=1')
    await client.subscribe(twinResponses)
    client.publish('$iothub/twin/GET/?$rid=2')
    expect(await client.next('publish')).toMatchObject({ topic: '$iothub/twin/res/200/?$rid=2' })
  })
})

describe('reported properties', () => {
  it.each([
    ['{"a":1}', '', '204/?$rid=1&$version=2', undefined],
    ['{"a":1}', '&$version=1', '204/?$rid=1&$version=2', undefined],
    ['{"a":1}', '&$version=9', '412/?$rid=1', 412001],
    ['{"a":1}', '&$version=x', '412/?$rid=1', 412001],
    ['{"a.b":1}', '', '400/?$rid=1', 400004],
    ['{"$version":1}', '', '400/?$rid=1', 400004],
    ['[]', '', '400/?$rid=1', 400004],
    ['{', '', '400/?$rid=1', 400004],
    ['', '', '400/?$rid=1', 400004],
    [
      JSON.stringify(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [i, 'x'.repeat(4096)]))),
      '',
      '413/?$rid=1',
      413001,
    ],
  ])('of %s%s are answered by status and body', async (patch, parameters, answer, errorCode) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(twinResponses)
    client.publish(`$iothub/twin/PATCH/properties/reported/?$rid=1${parameters}`, patch)
    const { topic, payload } = await client.next('publish')
    expect(topic).toBe(`$iothub/twin/res/${answer}`)
    if (errorCode === undefined) expect(payload).toHaveLength(0)
    else
      expect(JSON.parse(payload.toString())).toEqual({
        errorCode,
        trackingId: expect.stringMatching(/^[0-9A-F]{32}-G:0-TimeStamp:/),
        message: expect.any(String),
        timestampUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      })
  })
})

describe('a connection', () => {
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

  it('that breaks lets its will be told, one that ends in order does not', async () => {
    await using hub = await hubWithDevice()
    const seen: unknown[] = []
    hub.subscribe(event => seen.push(event.type))
    const will = {
      topic: 'devices/d1/messages/events/a=1',
      payload: Buffer.from('bye'),
      qos: 0,
      retain: false,
    } as const
    await using polite = await RawMqttClient.connect(hub, 'd1', { will })
    polite.send({ cmd: 'disconnect' })
    await polite.closed
    await using broken = await RawMqttClient.connect(hub, 'd1', { will })
    const told = hub.waitFor('telemetryReceived')
    broken.destroy()
    expect((await told).properties).toEqual({ a: '1', 'iothub-MessageType': 'Will' })
    expect(seen.filter(each => each === 'telemetryReceived')).toHaveLength(1)
  })
})

function tokenOf(hub: LocalHub, deviceId: string, key: string, se: number = inOneHour()): string {
  return signSas({ sr: encodeURIComponent(`${hub.hostName}/devices/${deviceId}`), se, key })
}

function connectPacketWithExpiry(hub: LocalHub, se: number): ConnectOverrides {
  const key = /SharedAccessKey=([^;]+)/.exec(hub.deviceConnectionString('d1'))?.[1] ?? ''
  return { password: Buffer.from(tokenOf(hub, 'd1', key, se)) }
}
