import { describe, expect, it } from 'vitest'
import { RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import { startLocalHub } from '../../index.ts'

/** Wire reference 3.6: `1` and `1.0` come back as they were written. Python and .NET tell them apart. */
describe('a number that was written in its own way', () => {
  it('comes back from a twin, to the service, the device and the listener', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using device = await RawMqttClient.connect(hub, 'd1')
    await device.subscribe('$iothub/twin/res/#')
    await device.subscribe('$iothub/twin/PATCH/properties/desired/#')
    const told = hub.waitFor('reportedChanged')
    device.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', '{"t":21.0,"list":[1.50]}')
    await device.next('publish')
    expect((await told).patch).toEqual({ t: 21, list: [1.5] })
    const body = '{"tags":{"x":1.0},"properties":{"desired":{"y":2e1}}}'
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body })
    expect((await device.next('publish')).payload.toString()).toBe('{"y":2e1,"$version":2}')
    device.publish('$iothub/twin/GET/?$rid=2', '')
    expect((await device.next('publish')).payload.toString()).toBe(
      '{"desired":{"y":2e1,"$version":2},"reported":{"t":21.0,"list":[1.50],"$version":2}}',
    )
    const { text } = await callRest(hub, { method: 'GET', path: '/twins/d1' })
    expect(text).toContain('"tags":{"x":1.0}')
    expect(text).toContain('"t":21.0')
  })

  it('is the number that it is in queries', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: '{"tags":{"x":1.0,"list":[2.0]}}' })
    const query = async (text: string): Promise<string> =>
      (await callRest(hub, { method: 'POST', path: '/devices/query', body: { query: text } })).text
    const where = 'tags.x = 1 AND tags.x IN [1] AND tags.x + 1 = 2 AND ARRAY_CONTAINS(tags.list, 2)'
    expect(await query(`SELECT tags.x FROM devices WHERE ${where}`)).toBe('[{"x":1.0}]')
    expect(await query('SELECT SUM(tags.x) AS x FROM devices')).toBe('[{"x":1}]')
  })

  it('goes through a method both ways', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await using device = await RawMqttClient.connect(hub, 'd1')
    await device.subscribe('$iothub/methods/POST/#')
    const body = '{"methodName":"m","responseTimeoutInSeconds":30.0,"payload":{"big":9007199254740993}}'
    const answer = callRest(hub, { method: 'POST', path: '/twins/d1/methods', body })
    const { topic, payload } = await device.next('publish')
    expect(payload.toString()).toBe('{"big":9007199254740993}')
    device.publish(`$iothub/methods/res/200/${topic.slice(topic.indexOf('?'))}`, '21.0')
    expect((await answer).text).toBe('{"status":200,"payload":21.0}')
  })
})
