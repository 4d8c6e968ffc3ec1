import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { nestedMessage } from '../../../test/nested-message.ts'
import { RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import { ManualClock } from '../../index.ts'

const api = '?api-version=2021-04-12'

describe('methods', () => {
  const path = `/twins/d1/methods${api}`

  it('time out with 504101', async () => {
    const clock = new ManualClock()
    await using hub = await hubWithDevice(clock)
    await using device = await RawMqttClient.connect(hub, 'd1')
    await device.subscribe('$iothub/methods/POST/#')
    const answer = callRest(hub, { method: 'POST', path, body: { methodName: 'x', responseTimeoutInSeconds: '5' } })
    expect(await device.next('publish')).toMatchObject({ topic: '$iothub/methods/POST/x/?$rid=1', qos: 0 })
    clock.advance(5000)
    expect(await answer).toMatchObject({ status: 504, headers: { 'iothub-errorcode': 'GatewayTimeout' } })
    expect(nestedMessage((await answer).body)).toMatchObject({
      errorCode: 504101,
      message: 'Timed out waiting for the response from device.',
      info: { timeout: '00:00:05' },
    })
  })

  it('fail with 404103 when the device is away, with 404 when there is none', async () => {
    await using hub = await hubWithDevice()
    const away = await callRest(hub, { method: 'POST', path, body: { methodName: 'x' } })
    expect(away).toMatchObject({ status: 404, headers: { 'iothub-errorcode': 'DeviceNotOnline' } })
    expect(nestedMessage(away.body)).toMatchObject({ errorCode: 404103, info: null })
    const unknown = await callRest(hub, { method: 'POST', path: `/twins/d2/methods${api}`, body: { methodName: 'x' } })
    expect(unknown).toMatchObject({ status: 404, body: { Message: 'ErrorCode:DeviceNotFound;d2' } })
  })

  it('survive a payload that is nested without end', async () => {
    await using hub = await hubWithDevice()
    const payload = `${'['.repeat(60_000)}${']'.repeat(60_000)}`
    const answer = await callRest(hub, { method: 'POST', path, body: `{"methodName":"x","payload":${payload}}` })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect((await callRest(hub, { method: 'GET', path: `/twins/d1${api}` })).status).toBe(200)
  })
})
