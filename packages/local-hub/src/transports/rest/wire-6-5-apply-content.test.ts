import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import type { JsonObject, JsonValue } from '../../hub-core/json/json.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const version = '?api-version=2024-03-31'

function apply(hub: LocalHub, deviceId: string, body: JsonValue): Promise<RestAnswer> {
  return callRest(hub, {
    method: 'POST',
    path: `/devices/${deviceId}/applyConfigurationContent${version}`,
    body,
    policy: 'service',
  })
}

async function hubWithEdge(): Promise<LocalHub> {
  const hub = await startLocalHub()
  const body = { capabilities: { iotEdge: true } }
  await callRest(hub, { method: 'PUT', path: `/devices/e1${version}`, body })
  await hub.createDevice('d1')
  return hub
}

function codeOf({ status, headers }: RestAnswer): readonly unknown[] {
  return [status, headers['iothub-errorcode']]
}

describe('applyConfigurationContent', () => {
  it('sets the modules of an edge device, and az lists them', async () => {
    await using hub = await hubWithEdge()
    const lens = { 'properties.desired': { zoom: { x: 1 } } }
    const whole = { $edgeAgent: { 'properties.desired': { a: 1 } }, $edgeHub: { 'properties.desired': {} }, lens }
    expect(await apply(hub, 'e1', { modulesContent: whole })).toMatchObject({ status: 204, text: '' })
    const modules = await callRest(hub, { method: 'GET', path: `/devices/e1/modules${version}` })
    expect(JSON.parse(modules.text)).toMatchObject([
      { moduleId: '$edgeAgent' },
      { moduleId: '$edgeHub' },
      { moduleId: 'lens', managedBy: 'iotEdge' },
    ])
    const part = { $edgeAgent: {}, lens: { 'properties.desired.zoom': { y: 2 }, 'properties.desired.focus': 3 } }
    await apply(hub, 'e1', { modulesContent: part })
    const twin = async (moduleId: string): Promise<JsonObject> =>
      (await callRest(hub, { method: 'GET', path: `/twins/e1/modules/${moduleId}${version}` })).body
    expect(await twin('lens')).toMatchObject({ properties: { desired: { zoom: { y: 2 }, focus: 3, $version: 3 } } })
    expect(await twin('%24edgeAgent')).toMatchObject({ properties: { desired: { a: 1 } } })
    await apply(hub, 'e1', { modulesContent: { $edgeAgent: {}, lens: { 'properties.desired': {} } } })
    expect((await twin('lens')).properties).toMatchObject({ desired: { $version: 4 } })
    expect(await twin('lens')).not.toHaveProperty('properties.desired.zoom')
  })

  it('takes device content for an edge device', async () => {
    await using hub = await hubWithEdge()
    expect((await apply(hub, 'e1', { deviceContent: { 'properties.desired.a': 1 } })).status).toBe(204)
    const { body } = await callRest(hub, { method: 'GET', path: `/twins/e1${version}` })
    expect(body).toMatchObject({ properties: { desired: { a: 1 } } })
  })

  it.each<[string, string, JsonValue, number, string]>([
    ['an unknown device', 'nobody', { modulesContent: { $edgeAgent: {} } }, 404, 'DeviceNotFound'],
    ['a device that is no edge device', 'd1', { modulesContent: { $edgeAgent: {} } }, 400, 'ArgumentInvalid'],
    ['device content on such a one', 'd1', { deviceContent: {} }, 400, 'ArgumentInvalid'],
    ['no $edgeAgent', 'e1', { modulesContent: { lens: {} } }, 400, 'InvalidConfigurationContent'],
    ['module content', 'e1', { moduleContent: {} }, 400, 'InvalidConfigurationContent'],
    ['no content', 'e1', {}, 400, 'InvalidConfigurationContent'],
  ])('refuses %s', async (_name, deviceId, body, status, code) => {
    await using hub = await hubWithEdge()
    expect(codeOf(await apply(hub, deviceId, body))).toEqual([status, code])
  })
})
