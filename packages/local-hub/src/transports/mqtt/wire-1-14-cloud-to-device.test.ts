import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import { type LocalHub, ManualClock } from '../../index.ts'

const inbox = 'devices/d1/messages/devicebound/#'

function settled(hub: LocalHub): Promise<unknown> {
  return hub.waitFor('cloudToDeviceSettled').then(event => event.outcome)
}

async function reconnect(hub: LocalHub, client: RawMqttClient): Promise<RawMqttClient> {
  const gone = hub.waitFor('deviceDisconnected')
  client.destroy()
  await gone
  return RawMqttClient.connect(hub, 'd1')
}

describe('a cloud-to-device message (wire reference 1.14)', () => {
  it('comes at QoS 1 with its properties in the topic, and is complete when it is acknowledged', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(inbox, 1)
    const outcome = settled(hub)
    await hub.sendMessage('d1', {
      payload: 'wake up',
      messageId: 'm 1',
      acknowledgement: 'full',
      correlationId: 'c',
      userId: 'u',
      contentType: 'text/plain',
      contentEncoding: 'utf-8',
      properties: { 'a b': 'c/d', empty: '' },
    })
    const packet = await client.next('publish')
    expect(packet).toMatchObject({ qos: 1, dup: false, retain: false, payload: Buffer.from('wake up') })
    expect(packet.topic).toBe(
      'devices/d1/messages/devicebound/%24.to=%2Fdevices%2Fd1%2Fmessages%2Fdevicebound&%24.mid=m%201' +
        '&%24.cid=c&%24.uid=u&%24.ct=text%2Fplain&%24.ce=utf-8&iothub-ack=full&a%20b=c%2Fd&empty=',
    )
    client.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
    expect(await outcome).toBe('completed')
  })

  it('waits for a device that is away, and for one that is not subscribed yet', async () => {
    await using hub = await hubWithDevice()
    for (const payload of ['first', 'second']) await hub.sendMessage('d1', { payload })
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(inbox, 1)
    const received = [await client.next('publish'), await client.next('publish')]
    expect(received.map(({ payload }) => payload.toString())).toEqual(['first', 'second'])
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(2)
  })

  it('that is not acknowledged comes again by the kept session: same packet id, marked as a duplicate', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.connect(hub, 'd1')
    await first.subscribe(inbox, 1)
    await hub.sendMessage('d1', { payload: 'x' })
    const { messageId } = await first.next('publish')
    await using second = await reconnect(hub, first)
    expect(await second.next('publish')).toMatchObject({ dup: true, messageId, payload: Buffer.from('x') })
    const outcome = settled(hub)
    second.send({ cmd: 'puback', messageId: messageId ?? 0 })
    expect(await outcome).toBe('completed')
    await using third = await reconnect(hub, second)
    third.send({ cmd: 'pingreq' })
    expect((await third.nextOfAny()).cmd).toBe('pingresp')
  })

  it('is given up after ten deliveries', async () => {
    await using hub = await hubWithDevice()
    let client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(inbox, 1)
    const outcome = settled(hub)
    await hub.sendMessage('d1', { payload: 'x' })
    for (let delivery = 1; delivery <= 10; delivery += 1) {
      await client.next('publish')
      client = await reconnect(hub, client)
    }
    expect(await outcome).toBe('deliveryCountExceeded')
    client.destroy()
  })

  it('expires while it waits, and its late acknowledgement does no harm', async () => {
    const clock = new ManualClock()
    await using hub = await hubWithDevice(clock)
    await using client = await RawMqttClient.connect(hub, 'd1', { keepalive: 0 })
    await client.subscribe(inbox, 1)
    const outcome = settled(hub)
    await hub.sendMessage('d1', { payload: 'x', timeToLiveInMs: 60_000 })
    const { messageId = 0 } = await client.next('publish')
    clock.advance(60_000)
    expect(await outcome).toBe('expired')
    client.send({ cmd: 'puback', messageId })
    client.send({ cmd: 'puback', messageId: 77 })
    client.send({ cmd: 'pingreq' })
    await client.next('pingresp')
  })

  it('comes at QoS 0 to a device that asked for it so, and is complete at once', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(inbox, 0)
    const outcome = settled(hub)
    await hub.sendMessage('d1', { payload: 'x' })
    expect(await client.next('publish')).toMatchObject({ qos: 0 })
    expect(await outcome).toBe('completed')
  })

  it('whose properties do not fit into a topic is rejected', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(inbox, 1)
    const outcome = settled(hub)
    await hub.sendMessage('d1', { payload: '', properties: { a: '/'.repeat(30_000) } })
    expect(await outcome).toBe('rejected')
  })

  it('does not come to a device that has unsubscribed, or asked for a clean session', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.connect(hub, 'd1')
    await first.subscribe(inbox, 1)
    first.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [inbox] })
    await first.next('unsuback')
    await hub.sendMessage('d1', { payload: 'x' })
    await first.subscribe('$iothub/methods/POST/#')
    first.send({ cmd: 'pingreq' })
    expect((await first.nextOfAny()).cmd).toBe('pingresp')
    await first.subscribe(inbox, 1)
    await first.next('publish')
    const gone = hub.waitFor('deviceDisconnected')
    first.destroy()
    await gone
    await using clean = await RawMqttClient.connect(hub, 'd1', { clean: true })
    clean.send({ cmd: 'pingreq' })
    expect((await clean.nextOfAny()).cmd).toBe('pingresp')
    // The queue is not part of the session.
    await clean.subscribe(inbox, 1)
    expect(await clean.next('publish')).toMatchObject({ payload: Buffer.from('x') })
  })

  it('is one queue with that of HTTP: what one has under lock, the other does not get', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(inbox, 1)
    await hub.sendMessage('d1', { payload: 'x' })
    await client.next('publish')
    const fetched = await callRest(hub, { method: 'GET', path: '/devices/d1/messages/devicebound' })
    expect(fetched.status).toBe(204)
  })

  it('does not exist for modules', async () => {
    await using hub = await hubWithDevice()
    await hub.createModule('d1', 'm1')
    await using client = await RawMqttClient.connectModule(hub, 'd1', 'm1')
    expect((await client.subscribe(inbox, 1)).granted).toEqual([128])
    expect((await client.subscribe('devices/d1/modules/m1/inputs/#', 1)).granted).toEqual([1])
  })
})
