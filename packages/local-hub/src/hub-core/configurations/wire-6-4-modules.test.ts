import { describe, expect, it } from 'vitest'
import { addDevice, applied, desiredOf, resultsOf, statusesOf, targeted } from '../../../test/configuration-fixture.ts'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { HubCore } from '../hub-core.ts'
import { moduleKey } from '../identity/identity-key.ts'
import type { JsonObject } from '../json/json.ts'
import type { Precondition } from '../precondition/if-match.ts'

const none: Precondition = { kind: 'none' }
const any: Precondition = { kind: 'any' }

function deploy(core: HubCore, id: string, modulesContent: JsonObject, priority: number): void {
  core.configurations.put(id, { content: { modulesContent }, targetCondition: "tags.site = 'oslo'", priority }, none)
}

describe('a module configuration', () => {
  it('is applied to the twins of modules', () => {
    const { core, connectAs } = coreFixture()
    for (const moduleId of ['lens', 'shutter']) core.modules.put('d1', moduleId, {}, none)
    const lens = moduleKey('d1', 'lens')
    const connection = connectAs(lens, 'desiredProperties')
    const targetCondition = "FROM devices.modules WHERE moduleId = 'lens'"
    const content = { moduleContent: { 'properties.desired.zoom': 2 } }
    core.configurations.put('c1', { content, targetCondition }, none)
    expect(desiredOf(core, lens)).toEqual({ zoom: 2 })
    expect(statusesOf(core, lens)).toEqual({ c1: applied })
    expect(connection.desiredPatches).toEqual([{ zoom: 2, $version: 2 }])
    for (const key of ['d1', moduleKey('d1', 'shutter')]) {
      expect([desiredOf(core, key), statusesOf(core, key)]).toEqual([{}, {}])
    }
    expect(resultsOf(core, 'c1')).toEqual({ targetedCount: 1, appliedCount: 1 })
  })
})

describe('an edge deployment', () => {
  const agent = moduleKey('e1', '$edgeAgent')
  const base = {
    $edgeAgent: { 'properties.desired': { modules: { lens: 1 } } },
    lens: { 'properties.desired': { a: 1 } },
  }

  it('gives edge devices their modules and properties', () => {
    const { core } = coreFixture()
    core.twins.patch('d1', { tags: { site: 'oslo' } }, none)
    addDevice(core, 'e1', { site: 'oslo' }, true)
    core.twins.patch(agent, { tags: { kept: 1 }, properties: { desired: { former: 1 } } }, none)
    deploy(core, 'c1', base, 1)
    expect(core.modules.listOf('e1').map(module => module.moduleId)).toEqual(['$edgeAgent', '$edgeHub', 'lens'])
    expect(core.modules.get('e1', 'lens')).toMatchObject({ managedBy: 'iotEdge' })
    expect(desiredOf(core, agent)).toEqual({ modules: { lens: 1 } })
    expect(core.twins.get(agent).tags).toEqual({ kept: 1 })
    expect(desiredOf(core, moduleKey('e1', 'lens'))).toEqual({ a: 1 })
    expect(statusesOf(core, agent)).toEqual({ c1: applied })
    expect(statusesOf(core, moduleKey('e1', '$edgeHub'))).toEqual({ c1: applied })
    expect(core.modules.listOf('d1')).toEqual([])
    const { etag } = core.twins.get(agent)
    core.configurations.evaluate()
    expect(core.twins.get(agent).etag).toBe(etag)
  })

  it('counts what edge agents report', () => {
    const { core } = coreFixture()
    addDevice(core, 'e1', { site: 'oslo' }, true)
    deploy(core, 'c1', base, 1)
    core.twins.report(agent, { lastDesiredVersion: 2, lastDesiredStatus: { code: 200 } }, undefined)
    core.configurations.evaluate()
    expect(resultsOf(core, 'c1')).toEqual({
      targetedCount: 1,
      appliedCount: 1,
      reportedSuccessfulCount: 1,
      reportedFailedCount: 0,
    })
  })

  it('wins as a whole; stronger layers go over it, weaker ones do not', () => {
    const { core } = coreFixture()
    addDevice(core, 'e1', { site: 'oslo' }, true)
    deploy(core, 'weaker-base', { $edgeAgent: { 'properties.desired': { lost: 1 } } }, 1)
    deploy(core, 'weaker-layer', { $edgeAgent: { 'properties.desired.lost': 1 } }, 2)
    deploy(core, 'base', base, 3)
    deploy(core, 'layer', { $edgeAgent: { 'properties.desired.modules.shutter': 2 }, shutter: {} }, 4)
    deploy(core, 'top', { $edgeAgent: { 'properties.desired.modules': { only: { x: 1, y: null } } } }, 5)
    expect(statusesOf(core, agent)).toEqual({
      'weaker-base': targeted,
      'weaker-layer': targeted,
      base: applied,
      layer: applied,
      top: applied,
    })
    expect(desiredOf(core, agent)).toEqual({ modules: { only: { x: 1 } } })
    core.configurations.delete('top', any)
    expect(desiredOf(core, agent)).toEqual({ modules: { lens: 1, shutter: 2 } })
    core.configurations.delete('base', any)
    expect(desiredOf(core, agent)).toEqual({ lost: 1, modules: { shutter: 2 } })
  })

  it('is not applied when it is a layer over nothing', () => {
    const { core } = coreFixture()
    addDevice(core, 'e1', { site: 'oslo' }, true)
    deploy(core, 'layer', { $edgeAgent: { 'properties.desired.a': 1 } }, 4)
    expect([statusesOf(core, agent), desiredOf(core, agent)]).toEqual([{ layer: targeted }, {}])
  })
})
