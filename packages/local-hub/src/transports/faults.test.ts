import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../test/hub-with-device.ts'
import { RawMqttClient } from '../../test/raw-mqtt-client.ts'
import { callRest, type RestAnswer } from '../../test/rest-call.ts'
import { ManualClock, startLocalHub } from '../index.ts'

const twinResponses = '$iothub/twin/res/#'
const getTwin = '$iothub/twin/GET/?$rid=1'

describe('faults on MQTT', () => {
  it('lose a packet that a device sends', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(twinResponses)
    const fault = hub.faults.dropPacket({ deviceId: 'd1', packet: 'publish', direction: 'toHub' })
    client.publish(getTwin)
    await fault.struck
    client.publish('$iothub/twin/GET/?$rid=2')
    expect((await client.next('publish')).topic).toBe('$iothub/twin/res/200/?$rid=2')
  })

  it('lose an acknowledgement: the deed is done all the same', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    const fault = hub.faults.dropPacket({ packet: 'puback' })
    const received = hub.waitFor('telemetryReceived')
    client.publish('devices/d1/messages/events/', 'x', 1)
    await received
    expect((await fault.struck).deviceId).toBe('d1')
    client.send({ cmd: 'pingreq' })
    expect((await client.nextOfAny()).cmd).toBe('pingresp')
  })

  it('delay a packet on the clock of the hub', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock })
    await hub.createDevice('d1')
    await using client = await RawMqttClient.connect(hub, 'd1')
    const fault = hub.faults.delayPacket(60_000, { packet: 'pingresp' })
    client.send({ cmd: 'pingreq' })
    await fault.struck
    clock.advance(60_000)
    await client.next('pingresp')
  })

  it('refuse a twin request, and a connection', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(twinResponses)
    hub.faults.answer(429, { deviceId: 'd1', operation: 'twinRead' })
    client.publish(getTwin)
    const { topic, payload } = await client.next('publish')
    expect(topic).toBe('$iothub/twin/res/429/?$rid=1')
    expect(JSON.parse(payload.toString())).toMatchObject({ errorCode: 429001 })
    hub.faults.answer(503, { operation: 'deviceConnection' })
    await expect(RawMqttClient.connect(hub, 'd1')).rejects.toThrow('CONNACK 3')
  })
})

describe('a tier', () => {
  it('refuses the twin requests of a device beyond its limits, and ends one that floods it with messages', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock, tier: { name: 'S1', burstInSeconds: 0, backlogInSeconds: 0 } })
    await hub.createDevice('d1')
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(twinResponses)
    client.publish(getTwin)
    client.publish('$iothub/twin/GET/?$rid=2')
    expect((await client.next('publish')).topic).toBe('$iothub/twin/res/200/?$rid=1')
    expect((await client.next('publish')).topic).toBe('$iothub/twin/res/429/?$rid=2')
    const ended = hub.waitFor('deviceDisconnected')
    client.publish('devices/d1/messages/events/', 'x')
    client.publish('devices/d1/messages/events/', 'x')
    expect(await ended).toMatchObject({ deviceId: 'd1', reason: 'throttled' })
  })

  it('delays connections, and what a client sends before its CONNACK', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock, tier: { name: 'S1', burstInSeconds: 0 } })
    for (const deviceId of ['d1', 'd2']) await hub.createDevice(deviceId)
    await using first = await RawMqttClient.connect(hub, 'd1')
    const pending = clock.pendingTimers
    const second = RawMqttClient.connect(hub, 'd2')
    while (hub.meter.read().operations.deviceConnection.delayed === 0) await new Promise(setImmediate)
    expect(clock.pendingTimers).toBeGreaterThan(pending)
    clock.advance(10)
    await using client = await second
    for (const each of [first, client]) {
      each.send({ cmd: 'pingreq' })
      await each.next('pingresp')
    }
  })
})

describe('a cut', () => {
  it.each(['fin', 'rst'] as const)('ends a connection after any number of bytes, by %s', async manner => {
    await using hub = await hubWithDevice()
    for (const direction of ['toHub', 'toDevice'] as const) {
      for (const afterBytes of [1, 100, 700]) {
        const fault = hub.faults.cut({ afterBytes, direction, manner })
        await expect(RawMqttClient.connect(hub, 'd1')).rejects.toThrow()
        expect(fault.strikes).toHaveLength(1)
      }
    }
    await using client = await RawMqttClient.connect(hub, 'd1')
    client.send({ cmd: 'pingreq' })
    await client.next('pingresp')
  })

  it('meant for a device spares the others, and strikes behind its CONNECT', async () => {
    await using hub = await hubWithDevice()
    await hub.createDevice('d2')
    const fault = hub.faults.cut({ afterBytes: 20, deviceId: 'd1' })
    await using other = await RawMqttClient.connect(hub, 'd2')
    await using client = await RawMqttClient.connect(hub, 'd1')
    other.send({ cmd: 'pingreq' })
    client.send({ cmd: 'pingreq' })
    await other.next('pingresp')
    await client.closed
    expect((await fault.struck).deviceId).toBe('d1')
    expect(client.fault?.code).toBe('ECONNRESET')
  })

  it('ends a request, and the next one passes', async () => {
    await using hub = await hubWithDevice()
    const read = (): Promise<RestAnswer> => callRest(hub, { method: 'GET', path: '/twins/d1' })
    hub.faults.cut({ afterBytes: 900, direction: 'toDevice' })
    await expect(read()).rejects.toThrow()
    expect((await read()).status).toBe(200)
  })
})

describe('all devices at once', () => {
  it('lose their connection, or their session', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(twinResponses)
    hub.loseAllSessions()
    client.publish(getTwin)
    client.send({ cmd: 'pingreq' })
    expect((await client.nextOfAny()).cmd).toBe('pingresp')
    hub.disconnectAll('rst')
    await client.closed
    expect(client.fault?.code).toBe('ECONNRESET')
  })
})

describe('a restart', () => {
  it('closes every connection, and keeps ports, twins and subscriptions', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe('$iothub/methods/POST/#')
    const { mqttEndpoint, httpsEndpoint } = hub
    const waiting = callRest(hub, { method: 'POST', path: '/twins/d1/methods', body: { methodName: 'm' } }).catch(
      (error: Error) => error,
    )
    await client.next('publish')
    await hub.restart()
    await client.closed
    await waiting
    expect([hub.mqttEndpoint, hub.httpsEndpoint]).toEqual([mqttEndpoint, httpsEndpoint])
    await using again = await RawMqttClient.connect(hub, 'd1')
    const invoked = callRest(hub, { method: 'POST', path: '/twins/d1/methods', body: { methodName: 'm' } })
    const { topic } = await again.next('publish')
    again.publish(topic.replace('POST/m', 'res/200'), '1')
    expect((await invoked).body).toEqual({ status: 200, payload: 1 })
  })

  it('of a closed hub is refused; one that closes meanwhile closes', async () => {
    const hub = await hubWithDevice()
    const restarted = hub.restart()
    await Promise.all([hub.close(), restarted.catch(() => {})])
    await expect(hub.restart()).rejects.toThrow('the hub is closed')
  })
})
