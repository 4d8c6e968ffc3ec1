import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { JsonObject } from '../json/json.ts'

const none = { kind: 'none' } as const
const newTwinEtag = 'AAAAAAAAAAE='

describe('the twin walk-through of the wire reference, section 14', () => {
  it('moves etag, versions and notifications as written there', () => {
    const { core, connect } = coreFixture()
    const connection = connect('desiredProperties')
    const state = (): readonly unknown[] => {
      const { etag, version, properties } = JSON.parse(JSON.stringify(core.twins.get('d1')))
      const counter = Number(Buffer.from(etag, 'base64').readBigUInt64BE())
      return [counter, properties.desired.$version, properties.reported.$version, version]
    }
    const told = (): readonly JsonObject[] => connection.desiredPatches.splice(0)

    expect(core.twins.get('d1').etag).toBe(newTwinEtag)
    expect(state()).toEqual([1, 1, 1, 2])

    core.twins.patch('d1', { tags: { a: 1 } }, none)
    expect(core.twins.get('d1').etag).toBe('AAAAAAAAAAI=')
    expect(state()).toEqual([2, 1, 1, 3])
    expect(told()).toEqual([])

    core.twins.patch('d1', { properties: { desired: { x: 1, o: { y: 2 } } } }, none)
    expect(state()).toEqual([3, 2, 1, 4])
    expect(told()).toEqual([{ x: 1, o: { y: 2 }, $version: 2 }])

    core.twins.patch('d1', { properties: { desired: { x: 1 } } }, none)
    expect(state()).toEqual([4, 3, 1, 5])
    expect(told()).toEqual([{ x: 1, $version: 3 }])

    expect(core.twins.report('d1', { fw: '1' }, undefined)).toBe(2)
    expect(state()).toEqual([4, 3, 2, 6])

    core.twins.patch('d1', { properties: { desired: { o: { y: null } } } }, none)
    expect(state()).toEqual([5, 4, 2, 7])
    expect(told()).toEqual([{ o: { y: null }, $version: 4 }])
    expect(core.twins.readOwn('d1').desired).toEqual({ x: 1, o: {}, $version: 4 })

    core.twins.replace('d1', { tags: {}, properties: { desired: { z: 9 } } }, none)
    expect(state()).toEqual([6, 5, 2, 8])
    expect(told()).toEqual([{ x: null, o: null, z: 9, $version: 5 }])

    const deviceEtag = core.twins.get('d1').deviceEtag
    core.identities.put('d1', { status: 'disabled' }, { kind: 'any' })
    expect(state()).toEqual([6, 5, 2, 8])
    expect(core.twins.get('d1').deviceEtag).not.toBe(deviceEtag)
    expect(core.twins.get('d1').deviceEtag).toBe(core.identities.get('d1').etag)
    expect(connection.closeReasons).toEqual(['identityDisabled'])

    expect(() => core.twins.patch('d1', { tags: { b: 1 } }, { kind: 'etag', etag: newTwinEtag })).toThrow(
      expect.objectContaining({ status: 412 }),
    )
    expect(state()).toEqual([6, 5, 2, 8])
  })
})

describe('a twin', () => {
  it('of a new device looks as the hub returns it', () => {
    const { core } = coreFixture()
    expect(core.twins.get('d1')).toEqual({
      deviceId: 'd1',
      etag: newTwinEtag,
      deviceEtag: expect.any(String),
      status: 'enabled',
      statusUpdateTime: '0001-01-01T00:00:00Z',
      connectionState: 'Disconnected',
      lastActivityTime: '0001-01-01T00:00:00Z',
      cloudToDeviceMessageCount: 0,
      authenticationType: 'sas',
      x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
      modelId: '',
      version: 2,
      properties: {
        desired: { $metadata: { $lastUpdated: '0001-01-01T00:00:00Z' }, $version: 1 },
        reported: { $metadata: { $lastUpdated: '0001-01-01T00:00:00Z' }, $version: 1 },
      },
      capabilities: { iotEdge: false },
    })
  })

  it('shows the version of each desired property, and of reported ones the time only', () => {
    const { core, clock } = coreFixture()
    clock.advance(123)
    core.twins.patch('d1', { properties: { desired: { a: 1 } } }, none)
    core.twins.report('d1', { b: 2 }, undefined)
    const at = '2026-01-01T00:00:00.1230000Z'
    expect(core.twins.get('d1').properties).toEqual({
      desired: {
        a: 1,
        $metadata: { $lastUpdated: at, $lastUpdatedVersion: 2, a: { $lastUpdated: at, $lastUpdatedVersion: 2 } },
        $version: 2,
      },
      reported: { b: 2, $metadata: { $lastUpdated: at, b: { $lastUpdated: at } }, $version: 2 },
    })
  })

  it('takes a whole twin document back, and honours only tags and desired properties', () => {
    const { core } = coreFixture()
    core.twins.patch('d1', { tags: { a: 1 }, properties: { desired: { x: 1 } } }, none)
    const document: JsonObject = JSON.parse(JSON.stringify(core.twins.get('d1')))
    const after = core.twins.patch('d1', { ...document, status: 'disabled', tags: { b: 2 } }, none)
    expect(after).toMatchObject({
      status: 'enabled',
      tags: { a: 1, b: 2 },
      properties: { desired: { x: 1, $version: 3 } },
    })
    expect(core.twins.replace('d1', document, none)).toMatchObject({
      tags: { a: 1 },
      properties: { desired: { x: 1, $version: 4 } },
    })
  })

  it('ignores tags of null, and clears desired properties of null, telling the device', () => {
    const { core, connect } = coreFixture()
    const connection = connect('desiredProperties')
    core.twins.patch('d1', { tags: { a: 1 }, properties: { desired: { x: 1, y: 2 } } }, none)
    const after = core.twins.patch('d1', { tags: null, properties: { desired: null } }, none)
    expect(after.tags).toEqual({ a: 1 })
    expect(connection.desiredPatches.at(-1)).toEqual({ x: null, y: null, $version: 3 })
    expect(core.twins.readOwn('d1').desired).toEqual({ $version: 3 })
  })

  it('does not count an empty desired patch', () => {
    const { core, connect } = coreFixture()
    const connection = connect('desiredProperties')
    expect(core.twins.patch('d1', { properties: { desired: {} } }, none)).toMatchObject({ version: 3 })
    expect(core.twins.readOwn('d1').desired).toEqual({ $version: 1 })
    expect(connection.desiredPatches).toEqual([])
  })

  it('loses what a replacement does not name', () => {
    const { core } = coreFixture()
    core.twins.patch('d1', { tags: { a: 1 }, properties: { desired: { x: 1 } } }, none)
    const after = core.twins.replace('d1', { properties: { desired: { y: 1 } } }, none)
    expect(after).not.toHaveProperty('tags')
    expect(after.properties).toMatchObject({ desired: { y: 1, $version: 3 } })
  })

  it.each([
    ['nothing', undefined],
    ['an array', []],
    ['tags that are no object', { tags: 1 }],
    ['properties that are no object', { properties: 'x' }],
    ['desired properties that are no object', { properties: { desired: [] } }],
    ['an illegal tag after legal desired properties', { properties: { desired: { ok: 1 } }, tags: { 'a.b': 1 } }],
    ['illegal desired properties after legal tags', { tags: { ok: 1 }, properties: { desired: { 'a.b': 1 } } }],
    ['too many tags', { tags: { a: 'x'.repeat(4096), b: 'x'.repeat(4096) } }],
  ])('refuses %s and stays as it was', (_name, body) => {
    const { core, events } = coreFixture()
    const before = core.twins.get('d1')
    expect(() => core.twins.patch('d1', body, none)).toThrow(expect.objectContaining({ status: 400, number: 400004 }))
    expect(core.twins.get('d1')).toEqual(before)
    expect(events).toEqual([])
  })

  it('keeps the size limit across several reports, each of which is small', () => {
    const { core } = coreFixture()
    const part = 'x'.repeat(4000)
    for (let index = 0; index < 8; index += 1) core.twins.report('d1', { [`part${index}`]: part }, undefined)
    expect(() => core.twins.report('d1', { part8: part }, undefined)).toThrow(expect.objectContaining({ status: 413 }))
    expect(core.twins.readOwn('d1').reported).not.toHaveProperty('part8')
  })

  it('checks the reported version when the device asks for it', () => {
    const { core } = coreFixture()
    expect(core.twins.report('d1', { a: 1 }, 1)).toBe(2)
    expect(() => core.twins.report('d1', { a: 2 }, 1)).toThrow(expect.objectContaining({ status: 412 }))
  })

  it('counts every report, also one that changes nothing', () => {
    const { core } = coreFixture()
    core.twins.report('d1', { a: 1 }, undefined)
    expect(core.twins.report('d1', { a: 1 }, undefined)).toBe(3)
  })
})
