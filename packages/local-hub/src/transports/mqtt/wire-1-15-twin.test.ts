import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import type { JsonObject } from '../../index.ts'

const twinResponses = '$iothub/twin/res/#'
const desired = '$iothub/twin/PATCH/properties/desired/#'

describe('reported properties (wire reference 1.15)', () => {
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

describe('the twin of a device (wire reference 1.15)', () => {
  it('is read without tags and metadata, with both versions', async () => {
    await using hub = await hubWithDevice()
    const body = { tags: { site: 'oslo' }, properties: { desired: { a: 1 } } }
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body })
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(twinResponses)
    client.publish('$iothub/twin/GET/?$rid=1', ' ')
    const { payload } = await client.next('publish')
    expect(JSON.parse(payload.toString())).toEqual({ desired: { a: 1, $version: 2 }, reported: { $version: 1 } })
  })

  it('is not told about before it asks for it', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    client.publish('$iothub/twin/GET/?$rid=1')
    await client.subscribe(twinResponses)
    client.publish('$iothub/twin/GET/?$rid=2')
    expect(await client.next('publish')).toMatchObject({ topic: '$iothub/twin/res/200/?$rid=2' })
  })

  it('takes a request id of any form and gives it back as it came', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(twinResponses)
    for (const rid of ['1f', '0b9d6a3e-8d1c-4a54-9e7e-3c6f7c0a7a55', 'a%20b', '', 'ü']) {
      client.publish(`$iothub/twin/GET/?$rid=${rid}`)
      expect(await client.next('publish')).toMatchObject({ topic: `$iothub/twin/res/200/?$rid=${rid}` })
    }
  })
})

describe('desired properties (wire reference 1.15)', () => {
  it('are told as they were patched, deletions as null, and as a difference when they were replaced', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(desired)
    const steps: readonly ['PATCH' | 'PUT', JsonObject, JsonObject][] = [
      ['PATCH', { a: 1, b: 2 }, { a: 1, b: 2, $version: 2 }],
      ['PATCH', { a: 1, b: null }, { a: 1, b: null, $version: 3 }],
      ['PATCH', { b: 2 }, { b: 2, $version: 4 }],
      ['PUT', { a: 1, c: 100 }, { a: 1, b: null, c: 100, $version: 5 }],
    ]
    for (const [method, changes, told] of steps) {
      await callRest(hub, { method, path: '/twins/d1', body: { properties: { desired: changes } } })
      const { topic, payload, qos } = await client.next('publish')
      const { $version } = JSON.parse(payload.toString())
      expect([topic, qos]).toEqual([`$iothub/twin/PATCH/properties/desired/?$version=${$version}`, 0])
      expect(JSON.parse(payload.toString())).toEqual(told)
    }
  })

  it('are not kept for a device that is away, nor told with tags', async () => {
    await using hub = await hubWithDevice()
    await using first = await RawMqttClient.connect(hub, 'd1')
    await first.subscribe(desired)
    const gone = hub.waitFor('deviceDisconnected')
    first.destroy()
    await gone
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { properties: { desired: { missed: 1 } } } })
    await using second = await RawMqttClient.connect(hub, 'd1')
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { tags: { a: 1 } } })
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { properties: { desired: { seen: 1 } } } })
    const { payload } = await second.next('publish')
    expect(JSON.parse(payload.toString())).toEqual({ seen: 1, $version: 3 })
  })
})
