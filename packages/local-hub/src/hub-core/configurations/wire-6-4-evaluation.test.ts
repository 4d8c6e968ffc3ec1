import { describe, expect, it } from 'vitest'
import {
  addDevice,
  applied,
  configure,
  desiredOf,
  resultsOf,
  statusesOf,
  targeted,
} from '../../../test/configuration-fixture.ts'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { Precondition } from '../precondition/if-match.ts'

const none: Precondition = { kind: 'none' }
const periodInMs = 5 * 60 * 1000

describe('a device configuration', () => {
  it('is applied when it is created, to those it targets', () => {
    const { core, events, connect } = coreFixture()
    const connection = connect('desiredProperties')
    core.twins.patch('d1', { tags: { site: 'oslo' }, properties: { desired: { kept: 1, a: { kept: 2 } } } }, none)
    addDevice(core, 'd2', { site: 'bergen' })
    connection.desiredPatches.length = 0
    events.length = 0
    configure(core, 'c1', { 'properties.desired.a.b': { c: 3 } })
    expect(desiredOf(core, 'd1')).toEqual({ kept: 1, a: { kept: 2, b: { c: 3 } } })
    expect(core.twins.get('d1')).toMatchObject({
      etag: 'AAAAAAAAAAM=',
      version: 4,
      properties: { desired: { $version: 3, $metadata: { a: { b: { $lastUpdatedVersion: 3 } } } } },
      configurations: { c1: applied },
    })
    expect(connection.desiredPatches).toEqual([{ a: { b: { c: 3 } }, $version: 3 }])
    expect(core.twins.get('d2')).not.toHaveProperty('configurations')
    expect(desiredOf(core, 'd2')).toEqual({})
    expect(resultsOf(core, 'c1')).toEqual({ targetedCount: 1, appliedCount: 1 })
    expect(events).toEqual([
      { type: 'configurationCreated', configurationId: 'c1' },
      { type: 'desiredChanged', deviceId: 'd1', patch: { a: { b: { c: 3 } } }, version: 3 },
      { type: 'configurationApplied', configurationId: 'c1', deviceId: 'd1' },
    ])
  })

  it('finds devices that come to be targeted later, at the end of the period', () => {
    const { core, clock } = coreFixture()
    configure(core, 'c1', { 'properties.desired.a': 1 })
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    clock.advance(periodInMs - 1)
    expect(desiredOf(core, 'd1')).toEqual({})
    expect(resultsOf(core, 'c1')).toEqual({ targetedCount: 0, appliedCount: 0 })
    clock.advance(1)
    expect(desiredOf(core, 'd1')).toEqual({ a: 1 })
    expect(resultsOf(core, 'c1')).toEqual({ targetedCount: 1, appliedCount: 1 })
  })

  it('is evaluated once a period that can be chosen', () => {
    const { core, clock } = coreFixture({ configurationPeriodInMs: 10 })
    configure(core, 'c1', { 'properties.desired.a': 1 })
    clock.advance(25)
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    clock.advance(5)
    expect(desiredOf(core, 'd1')).toEqual({ a: 1 })
    expect(() => coreFixture({ configurationPeriodInMs: 0 })).toThrow(
      new RangeError('configurationPeriodInMs: expected more than 0, got 0'),
    )
  })

  it('leaves the clock alone before there is one, after the last one, and after the end', () => {
    const { core, clock } = coreFixture()
    expect(clock.pendingTimers).toBe(0)
    configure(core, 'c1', {})
    configure(core, 'c2', {})
    expect(clock.pendingTimers).toBe(1)
    core.configurations.delete('c1', none)
    core.configurations.delete('c2', none)
    expect(clock.pendingTimers).toBe(0)
    configure(core, 'c1', {})
    core.close()
    configure(core, 'c2', {})
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not write what a twin already has, and writes again what was changed by hand', () => {
    const { core, clock, events } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    configure(core, 'c1', { 'properties.desired.a': { x: 1, y: 2 }, 'properties.desired.b': 3 })
    const { etag } = core.twins.get('d1')
    clock.advance(3 * periodInMs)
    expect(core.twins.get('d1').etag).toBe(etag)
    events.length = 0
    core.twins.patch('d1', { properties: { desired: { a: { x: 9, z: 4 } } } }, none)
    clock.advance(periodInMs)
    expect(desiredOf(core, 'd1')).toEqual({ a: { x: 1, y: 2, z: 4 }, b: 3 })
    expect(events).toMatchObject([{ patch: { a: { x: 9, z: 4 } } }, { patch: { a: { x: 1, y: 2 } } }])
  })

  it('removes what it sets to null', () => {
    const { core } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' }, properties: { desired: { a: 1, b: { c: 1, d: 2 } } } }, none)
    configure(core, 'c1', { 'properties.desired.a': null, 'properties.desired.b': { c: null } })
    expect(desiredOf(core, 'd1')).toEqual({ b: { d: 2 } })
    expect(statusesOf(core, 'd1')).toEqual({ c1: applied })
  })

  it('targets every device with a star', () => {
    const { core } = coreFixture()
    addDevice(core, 'd2', {})
    configure(core, 'c1', { 'properties.desired': { a: 1 } }, { targetCondition: '*' })
    expect([desiredOf(core, 'd1'), desiredOf(core, 'd2')]).toEqual([{ a: 1 }, { a: 1 }])
    expect(resultsOf(core, 'c1')).toEqual({ targetedCount: 2, appliedCount: 2 })
  })

  it('stays targeted where the twin has no room, and does no harm', () => {
    const { core } = coreFixture()
    const large = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`k${index}`, 'x'.repeat(4096)]))
    core.twins.patch('d1', { tags: { site: 'oslo' }, properties: { desired: large } }, none)
    addDevice(core, 'd2', { site: 'oslo' })
    configure(core, 'c1', { 'properties.desired.a': 'x'.repeat(4096), 'properties.desired.b': 'x'.repeat(4096) })
    expect(statusesOf(core, 'd1')).toEqual({ c1: targeted })
    expect(desiredOf(core, 'd1')).toEqual(large)
    expect(statusesOf(core, 'd2')).toEqual({ c1: applied })
    expect(resultsOf(core, 'c1')).toEqual({ targetedCount: 2, appliedCount: 1 })
  })
})

describe('metrics', () => {
  it('count the rows of each query, as of the last evaluation', () => {
    const { core, clock } = coreFixture()
    for (const deviceId of ['d2', 'd3']) addDevice(core, deviceId, { site: 'oslo' })
    const current =
      "SELECT deviceId FROM devices WHERE configurations.[[c1]].status='Applied' AND properties.reported.ok"
    const queries = {
      current,
      top: 'SELECT TOP 1 deviceId FROM devices',
      grouped: 'SELECT COUNT() AS n, tags.site FROM devices GROUP BY tags.site',
    }
    configure(core, 'c1', { 'properties.desired.a': 1 }, { metrics: { queries } })
    expect(resultsOf(core, 'c1')).toMatchObject({ appliedCount: 2, current: 0, top: 1, grouped: 2 })
    core.twins.report('d2', { ok: true }, undefined)
    expect(resultsOf(core, 'c1')).toMatchObject({ current: 0 })
    clock.advance(periodInMs)
    expect(resultsOf(core, 'c1')).toMatchObject({ current: 1 })
  })
})

describe('configurations of a former life', () => {
  it('are there again, with what they had come to', () => {
    const former = coreFixture()
    former.core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    configure(former.core, 'weak', { 'properties.desired.a': 1 }, { labels: { x: 'y' }, priority: 1 })
    configure(
      former.core,
      'strong',
      { 'properties.desired.b': 1 },
      { metrics: { queries: { m: 'select * from devices' } } },
    )
    const { core, clock } = coreFixture()
    core.durable.restore(JSON.parse(JSON.stringify([...former.core.durable.entries()])))
    expect(core.twins.get('d1')).toEqual(former.core.twins.get('d1'))
    expect(clock.pendingTimers).toBe(0)
    core.resume()
    expect(core.configurations.list()).toEqual(former.core.configurations.list())
    expect(clock.pendingTimers).toBe(1)
    expect(core.twins.get('d1')).toEqual(former.core.twins.get('d1'))
  })
})
