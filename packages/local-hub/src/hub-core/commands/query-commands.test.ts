import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { ManualClock } from '../clock/manual-clock.ts'
import { HubCore } from '../hub-core.ts'
import { moduleKey } from '../identity/identity-key.ts'
import type { JsonObject } from '../json/json.ts'

const none = { kind: 'none' } as const
const page = { maxItemCount: 100 }

function run(core: HubCore, query: string): readonly JsonObject[] {
  return core.queries.run({ query }, page).items
}

describe('queries', () => {
  it('go through the twins of devices, in order of creation', () => {
    const { core } = coreFixture()
    core.identities.put('d2', {}, none)
    core.identities.put('d0', {}, none)
    core.identities.put('d2', { status: 'disabled' }, { kind: 'any' })
    core.twins.patch('d2', { tags: { site: 'oslo' } }, none)
    expect(core.queries.run({ query: 'SELECT * FROM devices' }, page)).toEqual({
      itemType: 'Twin',
      items: ['d1', 'd2', 'd0'].map(deviceId => core.twins.get(deviceId)),
      continuation: undefined,
    })
  })

  it.each([
    ["tags.site = 'oslo' AND NOT is_defined(tags.a.b)", true],
    ['is_defined(tags)', true],
    ["properties.desired.interval > 4 AND properties.reported.fw = '1'", true],
    ['properties.desired.$version = 2 AND properties.reported.$version = 2', true],
    ["properties.reported.$metadata.fw.$lastUpdated > '2026'", true],
    ['properties.desired.$metadata.interval.$lastUpdatedVersion = 2', true],
    ['is_object(properties) AND is_object(properties.desired) AND is_defined(properties.reported)', true],
    ['is_defined(properties.desired.nothing) OR is_defined(properties.wrong.fw)', false],
    ["status = 'enabled' AND connectionState = 'Connected' AND authenticationType = 'sas'", true],
    ['capabilities.iotEdge = false AND version = 4 AND cloudToDeviceMessageCount = 0', true],
    ["lastActivityTime = '2026-01-01T00:00:00.0000000Z' AND deviceId.x = 1", false],
    ["lastActivityTime = '2026-01-01T00:00:00.0000000Z'", true],
  ])('read what the view of a twin shows: %s', (condition, expected) => {
    const { core, connect } = coreFixture()
    connect()
    core.twins.patch('d1', { tags: { site: 'oslo' }, properties: { desired: { interval: 5 } } }, none)
    core.twins.report('d1', { fw: '1' }, undefined)
    expect(run(core, `SELECT * FROM devices WHERE ${condition}`)).toHaveLength(expected ? 1 : 0)
  })

  it('read each member as the view shows it', () => {
    const { core, connect } = coreFixture()
    connect()
    core.modules.put('d1', 'm1', {}, none)
    const twins = [core.twins.get('d1'), core.twins.get(moduleKey('d1', 'm1'))]
    for (const [index, collection] of ['devices', 'devices.modules'].entries()) {
      for (const [name, value] of Object.entries(twins[index] ?? {})) {
        expect(run(core, `SELECT ${name} AS found FROM ${collection}`), name).toEqual([{ found: value }])
      }
    }
  })

  it('go through the twins of modules, those of the system included', () => {
    const { core } = coreFixture()
    core.identities.put('e1', { capabilities: { iotEdge: true } }, none)
    core.modules.put('d1', 'lens', {}, none)
    core.modules.put('e1', 'lens', {}, none)
    core.twins.patch(moduleKey('e1', 'lens'), { tags: { site: 'oslo' } }, none)
    const names = (where: string): readonly string[] =>
      run(core, `SELECT deviceId, moduleId FROM devices.modules ${where}`).map(row =>
        JSON.stringify(Object.values(row)),
      )
    expect(names('')).toEqual(['["e1","$edgeAgent"]', '["e1","$edgeHub"]', '["d1","lens"]', '["e1","lens"]'])
    expect(names("WHERE moduleId = 'lens' AND devices.deviceId = 'e1'")).toEqual(['["e1","lens"]'])
    expect(names("WHERE tags.site = 'oslo'")).toEqual(['["e1","lens"]'])
    expect(run(core, 'SELECT * FROM devices')).toHaveLength(2)
    expect(run(core, 'SELECT * FROM devices.jobs')).toEqual([])
  })

  it('no longer see what was deleted, and page on', () => {
    const { core } = coreFixture()
    for (const deviceId of ['d2', 'd3', 'd4']) core.identities.put(deviceId, {}, none)
    const body = { query: 'SELECT deviceId FROM devices' }
    const first = core.queries.run(body, { maxItemCount: 2 })
    core.identities.delete('d1', { kind: 'any' })
    core.identities.delete('d2', { kind: 'any' })
    const second = core.queries.run(body, { maxItemCount: 2, continuation: first.continuation })
    expect(second.items).toEqual([{ deviceId: 'd3' }, { deviceId: 'd4' }])
    expect(second.continuation).toBeUndefined()
  })

  it.each([undefined, null, [], 'SELECT * FROM devices', {}, { query: null }, { query: ['SELECT * FROM devices'] }])(
    'refuse the body %j',
    body => {
      const { core } = coreFixture()
      expect(() => core.queries.run(body, page)).toThrow(expect.objectContaining({ code: 'ArgumentInvalid' }))
    },
  )
})

describe('queries that lag', () => {
  const lagInMs = 1000

  it('see each change when its time has come', () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1))
    const core = new HubCore({ hostNames: ['hub.example'], clock, random: randomBytes, queryLagInMs: lagInMs })
    const sites = (): readonly JsonObject[] => run(core, 'SELECT deviceId, tags.site FROM devices')
    core.identities.put('d1', {}, none)
    core.modules.put('d1', 'm1', {}, none)
    expect(sites()).toEqual([])
    clock.advance(lagInMs / 2)
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    expect(core.twins.get('d1').tags).toEqual({ site: 'oslo' })
    clock.advance(lagInMs / 2)
    expect(sites()).toEqual([{ deviceId: 'd1' }])
    expect(run(core, "SELECT moduleId FROM devices.modules WHERE deviceId = 'd1'")).toEqual([{ moduleId: 'm1' }])
    clock.advance(lagInMs / 2)
    expect(sites()).toEqual([{ deviceId: 'd1', site: 'oslo' }])
    core.identities.delete('d1', { kind: 'any' })
    expect(sites()).toEqual([{ deviceId: 'd1', site: 'oslo' }])
    clock.advance(lagInMs - 1)
    expect(sites()).toHaveLength(1)
    clock.advance(1)
    expect(sites()).toEqual([])
    expect(run(core, 'SELECT * FROM devices.modules')).toEqual([])
  })

  it('take no negative lag', () => {
    const options = { hostNames: ['hub.example'], clock: new ManualClock(), random: randomBytes, queryLagInMs: -1 }
    expect(() => new HubCore(options)).toThrow(new RangeError('queryLagInMs: expected 0 or more, got -1'))
  })
})
