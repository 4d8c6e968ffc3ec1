import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

async function hubWithDevices(count: number): Promise<LocalHub> {
  const hub = await startLocalHub()
  for (let index = 1; index <= count; index += 1) await hub.createDevice(`d${index}`)
  return hub
}

function query(hub: LocalHub, text: string, headers: Readonly<Record<string, string>> = {}): Promise<RestAnswer> {
  const path = '/devices/query?api-version=2021-04-12'
  return callRest(hub, { method: 'POST', path, body: { query: text }, headers, policy: 'service' })
}

describe('POST /devices/query', () => {
  it('answers an array, with the type of its items, and no continuation on the last page', async () => {
    await using hub = await hubWithDevices(2)
    const { status, headers, text } = await query(hub, 'SELECT deviceId FROM devices')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual([{ deviceId: 'd1' }, { deviceId: 'd2' }])
    expect(headers).toMatchObject({ 'x-ms-item-type': 'Raw', 'content-type': 'application/json; charset=utf-8' })
    expect(headers).not.toHaveProperty('x-ms-continuation')
    const empty = await query(hub, 'SELECT * FROM devices WHERE false')
    expect(empty.text).toBe('[]')
    expect(empty.headers).toMatchObject({ 'x-ms-item-type': 'Twin' })
    expect(empty.headers).not.toHaveProperty('x-ms-continuation')
    expect((await query(hub, 'SELECT * FROM devices.jobs')).headers['x-ms-item-type']).toBe('DeviceJob')
  })

  it('pages by x-ms-max-item-count and x-ms-continuation', async () => {
    await using hub = await hubWithDevices(3)
    const text = 'SELECT deviceId FROM devices'
    const first = await query(hub, text, { 'x-ms-max-item-count': '2' })
    expect(JSON.parse(first.text)).toHaveLength(2)
    const token = String(first.headers['x-ms-continuation'])
    const second = await query(hub, text, { 'x-ms-max-item-count': '2', 'x-ms-continuation': token })
    expect(JSON.parse(second.text)).toEqual([{ deviceId: 'd3' }])
    expect(second.headers).not.toHaveProperty('x-ms-continuation')
    const refused = await query(hub, 'SELECT * FROM devices', { 'x-ms-continuation': token })
    expect(refused).toMatchObject({ status: 400, headers: { 'iothub-errorcode': 'ArgumentInvalid' } })
  })

  it('returns 100 items unless asked for more, and never more than 1000', async () => {
    await using hub = await hubWithDevices(1001)
    const count = async (headers?: Readonly<Record<string, string>>): Promise<number> =>
      JSON.parse((await query(hub, 'SELECT deviceId FROM devices', headers)).text).length
    expect(await count()).toBe(100)
    expect(await count({ 'x-ms-max-item-count': '1000' })).toBe(1000)
    expect(await count({ 'x-ms-max-item-count': '5000' })).toBe(1000)
  })

  it.each(['0', '-1', 'many', '1.5'])('refuses %s as a page size', async size => {
    await using hub = await hubWithDevices(1)
    expect(await query(hub, 'SELECT * FROM devices', { 'x-ms-max-item-count': size })).toMatchObject({ status: 400 })
  })

  it('refuses a bad query with the code of the real hub, and says what is wrong with it', async () => {
    await using hub = await hubWithDevices(0)
    const refused = await query(hub, 'SELECT * FROM devices ORDER BY deviceId')
    expect(refused.status).toBe(400)
    expect(refused.headers['iothub-errorcode']).toBe('ArgumentInvalid')
    expect(refused.body.Message).toBe(
      'ErrorCode:ArgumentInvalid;BadRequest, expected the end, got "ORDER" at character 23.',
    )
    expect((await query(hub, 'x'.repeat(8193))).status).toBe(400)
  })

  it('asks for the permission to connect as a service', async () => {
    await using hub = await hubWithDevices(1)
    const call = { method: 'POST', path: '/devices/query', body: { query: 'SELECT * FROM devices' } }
    expect((await callRest(hub, { ...call, policy: 'registryReadWrite' })).status).toBe(401)
  })
})
