import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { parseQuery } from '../query/syntax/query-parser.ts'
import { isLayered } from './configuration-content.ts'
import { parseContent } from './parse-content.ts'
import { systemMetricQueries } from './system-metrics.ts'

const tooLarge = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, 'x'.repeat(4096)]))

describe('the content of a configuration', () => {
  it('assigns values to desired properties, in whole or by path', () => {
    const content = { 'properties.desired.a.b': 1, 'properties.desired': { c: { d: null } } }
    expect(parseContent({ deviceContent: content })).toEqual({
      kind: 'device',
      assignments: [
        { path: ['a', 'b'], value: 1 },
        { path: ['c'], value: { d: null } },
      ],
    })
    expect(parseContent({ moduleContent: content, deviceContent: null })).toMatchObject({ kind: 'module' })
  })

  it('deploys modules, or lays over those that another deploys', () => {
    const base = parseContent({ modulesContent: { $edgeAgent: { 'properties.desired': {} }, $edgeHub: {}, lens: {} } })
    const layer = parseContent({ modulesContent: { $edgeAgent: {}, lens: { 'properties.desired.zoom': 2 } } })
    expect([base, layer].map(content => content.kind === 'edge' && isLayered(content))).toEqual([false, true])
  })

  it.each<[string, JsonValue | undefined]>([
    ['nothing', undefined],
    ['no object', 'text'],
    ['none of the three', {}],
    ['only null', { deviceContent: null }],
    ['two of the three', { deviceContent: {}, moduleContent: {} }],
    ['no object in it', { deviceContent: [] }],
    ['a tag', { deviceContent: { 'tags.x': 1 } }],
    ['a reported property', { deviceContent: { 'properties.reported.x': 1 } }],
    ['a path that only looks right', { deviceContent: { 'properties.desiredx': 1 } }],
    ['an empty path', { deviceContent: { 'properties.desired.': 1 } }],
    ['a gap in a path', { deviceContent: { 'properties.desired.a..b': 1 } }],
    ['no object for all', { deviceContent: { 'properties.desired': 1 } }],
    ['a key that no twin takes', { deviceContent: { 'properties.desired.a': { 'b c': 1 } } }],
    ['a path that no twin takes', { deviceContent: { 'properties.desired.$version': 1 } }],
    ['more than a twin takes', { deviceContent: { 'properties.desired': tooLarge } }],
    ['no $edgeAgent', { modulesContent: { lens: {} } }],
    ['an illegal module', { modulesContent: { $edgeAgent: {}, 'le ns': {} } }],
    ['no object for a module', { modulesContent: { $edgeAgent: {}, lens: 1 } }],
  ])('is refused with %s', (_name, content) => {
    expect(() => parseContent(content)).toThrow(expect.objectContaining({ code: 'InvalidConfigurationContent' }))
  })
})

describe('the system metrics', () => {
  const edge = 'select deviceId from devices where capabilities.iotEdge = true'
  const applied = "moduleId = '$edgeAgent' and configurations.[[c-1]].status = 'Applied'"
  const reported =
    'properties.desired.$version = properties.reported.lastDesiredVersion and properties.reported.lastDesiredStatus.code'

  it.each<['device' | 'module' | 'edge', string, JsonObject]>([
    [
      'device',
      '*',
      {
        targetedCount: 'select deviceId from devices',
        appliedCount: "select deviceId from devices where configurations.[[c-1]].status = 'Applied'",
      },
    ],
    ['device', "tags.a='b'", { targetedCount: "select deviceId from devices where tags.a='b'" }],
    ['device', '', { targetedCount: '' }],
    [
      'module',
      "FROM devices.modules WHERE tags.a='b'",
      {
        targetedCount: "select deviceId FROM devices.modules WHERE tags.a='b'",
        appliedCount: "select deviceId from devices.modules where configurations.[[c-1]].status = 'Applied'",
      },
    ],
    ['edge', "tags.a='b' or tags.c", { targetedCount: `${edge} and (tags.a='b' or tags.c)` }],
    [
      'edge',
      '*',
      {
        targetedCount: edge,
        appliedCount: `select deviceId from devices.modules where ${applied}`,
        reportedSuccessfulCount: `select deviceId from devices.modules where ${applied} and ${reported} = 200`,
        reportedFailedCount: `select deviceId from devices.modules where ${applied} and ${reported} != 200`,
      },
    ],
  ])('of a %s configuration on "%s" are queries that can be run', (kind, targetCondition, expected) => {
    const queries = systemMetricQueries({ id: 'c-1', kind, targetCondition })
    expect(queries).toMatchObject(expected)
    for (const query of Object.values(queries).filter(text => text !== '')) parseQuery(query)
  })
})
