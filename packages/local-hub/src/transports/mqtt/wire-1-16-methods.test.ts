import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import type { JsonObject, LocalHub } from '../../index.ts'

const methods = '$iothub/methods/POST/#'

function invoke(hub: LocalHub, body: JsonObject): Promise<RestAnswer> {
  return callRest(hub, { method: 'POST', path: '/twins/d1/methods', body })
}

describe('a direct method (wire reference 1.16)', () => {
  it.each([
    ['an object', { payload: { a: [1, null] } }, '{"a":[1,null]}'],
    ['text', { payload: 'x' }, '"x"'],
    ['null', { payload: null }, 'null'],
    ['nothing', {}, 'null'],
  ])('carries %s, at QoS 0 whatever was asked for', async (_name, payload, text) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(methods, 1)
    const answer = invoke(hub, { methodName: 'echo', ...payload })
    const request = await client.next('publish')
    expect([request.topic, request.qos, request.payload.toString()]).toEqual([
      expect.stringMatching(/^\$iothub\/methods\/POST\/echo\/\?\$rid=[0-9a-f]+$/),
      0,
      text,
    ])
    client.publish(request.topic.replace('POST/echo', 'res/201'), '{"ok":true}')
    expect((await answer).body).toEqual({ status: 201, payload: { ok: true } })
  })

  it.each([
    ['-5', '', { status: -5, payload: null }],
    ['0', 'null', { status: 0, payload: null }],
    ['200', '"x"', { status: 200, payload: 'x' }],
  ])('may be answered with status %s and body %s', async (status, body, expected) => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe(methods)
    const answer = invoke(hub, { methodName: 'x' })
    const { topic } = await client.next('publish')
    client.publish(topic.replace('POST/x', `res/${status}`), body, 1)
    await client.next('puback')
    expect((await answer).body).toEqual(expected)
  })

  it('is answered once, by the device it went to; any other answer is ignored', async () => {
    await using hub = await hubWithDevice()
    await hub.createDevice('d2')
    await using client = await RawMqttClient.connect(hub, 'd1')
    await using other = await RawMqttClient.connect(hub, 'd2')
    await client.subscribe(methods)
    const answer = invoke(hub, { methodName: 'x' })
    const topic = (await client.next('publish')).topic.replace('POST/x', 'res/200')
    other.publish(topic, '"forged"', 1)
    await other.next('puback')
    client.publish('$iothub/methods/res/200/?$rid=ffff', '"of nothing"')
    client.publish(topic, '"first"')
    client.publish(topic, '"second"', 1)
    await client.next('puback')
    expect((await answer).body).toEqual({ status: 200, payload: 'first' })
  })
})
