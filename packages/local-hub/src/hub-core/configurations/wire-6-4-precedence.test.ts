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
import type { HubCore } from '../hub-core.ts'
import type { Precondition } from '../precondition/if-match.ts'

const none: Precondition = { kind: 'none' }
const any: Precondition = { kind: 'any' }
const periodInMs = 5 * 60 * 1000

describe('two configurations', () => {
  it('share a twin where they touch different paths', () => {
    const { core } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    configure(core, 'c1', { 'properties.desired.a.x': 1 }, { priority: 1 })
    configure(core, 'c2', { 'properties.desired.a.y': 2 }, { priority: 2 })
    expect(desiredOf(core, 'd1')).toEqual({ a: { x: 1, y: 2 } })
    expect(statusesOf(core, 'd1')).toEqual({ c1: applied, c2: applied })
  })

  it.each([
    ['the higher priority', 5, 4, 'first'],
    ['the higher priority, though older', 4, 5, 'second'],
    ['the newest of equals', 5, 5, 'second'],
  ])('that want the same path: %s wins', (_name, firstPriority, secondPriority, winner) => {
    const { core } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    configure(core, 'first', { 'properties.desired.a': 'first' }, { priority: firstPriority })
    configure(core, 'second', { 'properties.desired.a': 'second' }, { priority: secondPriority })
    expect(desiredOf(core, 'd1')).toEqual({ a: winner })
    const loser = winner === 'first' ? 'second' : 'first'
    expect(statusesOf(core, 'd1')).toEqual({ [winner]: applied, [loser]: targeted })
    expect([resultsOf(core, winner), resultsOf(core, loser)]).toEqual([
      { targetedCount: 1, appliedCount: 1 },
      { targetedCount: 1, appliedCount: 0 },
    ])
  })

  it('that overlap: the stronger is laid over the weaker, or covers it', () => {
    const { core } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    configure(core, 'weak', { 'properties.desired.a': { x: 1, y: 1 }, 'properties.desired.b.x': 1 }, { priority: 1 })
    configure(core, 'strong', { 'properties.desired.a.x': 2, 'properties.desired.b': { y: 2 } }, { priority: 2 })
    expect(desiredOf(core, 'd1')).toEqual({ a: { x: 2, y: 1 }, b: { x: 1, y: 2 } })
    expect(statusesOf(core, 'd1')).toEqual({ weak: applied, strong: applied })
    const { etag } = core.twins.get('d1')
    core.configurations.evaluate()
    expect(core.twins.get('d1').etag).toBe(etag)
    addDevice(core, 'd2', { site: 'oslo' })
    core.configurations.evaluate()
    expect(desiredOf(core, 'd2')).toEqual({ a: { x: 2, y: 1 }, b: { y: 2 } })
  })

  it('hand over when the stronger one is deleted', () => {
    const { core, events } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    configure(core, 'weak', { 'properties.desired.a': 'weak' }, { priority: 1 })
    configure(core, 'strong', { 'properties.desired.a': 'strong', 'properties.desired.b': 'left' }, { priority: 2 })
    events.length = 0
    core.configurations.delete('strong', any)
    expect(desiredOf(core, 'd1')).toEqual({ a: 'weak', b: 'left' })
    expect(statusesOf(core, 'd1')).toEqual({ weak: applied })
    expect(events.map(({ type }) => type)).toEqual([
      'configurationDeleted',
      'desiredChanged',
      'configurationWithdrawn',
      'configurationApplied',
    ])
  })

  it('hand over when their ranks change, or the device leaves the stronger one', () => {
    const { core, clock } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo', floor: 1 } }, none)
    const floor = { targetCondition: 'tags.floor = 1', priority: 2 }
    configure(core, 'weak', { 'properties.desired.a': 'weak' }, { priority: 1 })
    configure(core, 'strong', { 'properties.desired.a': 'strong' }, floor)
    const content = { deviceContent: {} }
    core.configurations.put('strong', { content, ...floor, priority: 0 }, any)
    expect(desiredOf(core, 'd1')).toEqual({ a: 'weak' })
    core.configurations.put('strong', { content, ...floor }, any)
    expect(desiredOf(core, 'd1')).toEqual({ a: 'strong' })
    core.twins.patch('d1', { tags: { floor: 2 } }, none)
    clock.advance(periodInMs)
    expect(desiredOf(core, 'd1')).toEqual({ a: 'weak' })
    expect(statusesOf(core, 'd1')).toEqual({ weak: applied })
  })
})

describe('a configuration that no longer targets a device', () => {
  it.each<[string, (core: HubCore) => void]>([
    ['it is deleted', core => core.configurations.delete('c1', none)],
    ['the tag changes', core => core.twins.patch('d1', { tags: { site: 'bergen' } }, none)],
    [
      'its condition changes',
      core => core.configurations.put('c1', { content: {}, targetCondition: 'tags.site = 1' }, any),
    ],
  ])('leaves its values, and goes from the twin: %s', (_name, change) => {
    const { core, events } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    configure(core, 'c1', { 'properties.desired.a': 1 })
    change(core)
    core.configurations.evaluate()
    expect(desiredOf(core, 'd1')).toEqual({ a: 1 })
    expect(core.twins.get('d1')).not.toHaveProperty('configurations')
    expect(events.filter(event => event.type === 'configurationWithdrawn')).toHaveLength(1)
  })
})
