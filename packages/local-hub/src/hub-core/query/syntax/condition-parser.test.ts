import { describe, expect, it } from 'vitest'
import { JsonSource } from '../../../../test/query-fixture.ts'
import { compileCondition } from '../evaluation/compile-condition.ts'
import { matchingDocuments } from '../execution/matching-documents.ts'
import { jsonDocument } from '../json-document.ts'
import { parseCondition } from './condition-parser.ts'
import { pathsIn } from './paths-in.ts'

describe('a condition', () => {
  it('is about devices', () => {
    const condition = parseCondition("tags.site = 'oslo'")
    expect(condition.collection).toBe('devices')
    const matches = compileCondition(condition)
    expect(matches(jsonDocument({ tags: { site: 'oslo' } }, '1'))).toBe(true)
    expect(matches(jsonDocument({ tags: { site: 'bergen' } }, '1'))).toBe(false)
    expect(matches(jsonDocument({}, '1'))).toBe(false)
  })

  it('may be a star: all devices', () => {
    expect(parseCondition(' * ')).toEqual({ collection: 'devices', where: undefined })
  })

  it.each(["FROM devices.modules WHERE moduleId = 'm1'", "from DEVICES.Modules where devices.modules.moduleId='m1'"])(
    'may be about modules: %s',
    text => {
      const source = new JsonSource({
        devices: [{ deviceId: 'd1' }],
        'devices.modules': [
          { deviceId: 'd1', moduleId: 'm1' },
          { deviceId: 'd1', moduleId: 'm2' },
        ],
      })
      const found = [...matchingDocuments(source, parseCondition(text))]
      expect(found.map(document => document.view())).toEqual([{ deviceId: 'd1', moduleId: 'm1' }])
    },
  )

  it('tells the paths it refers to', () => {
    const { collection, where } = parseCondition(
      "DeviceId = 'd1' OR NOT is_defined(Properties.Reported.a) AND -devices.tags.B IN [1] AND ARRAY_CONTAINS([1], tags.c)",
    )
    expect(where && pathsIn(collection, where)).toEqual([
      ['deviceId'],
      ['properties', 'reported', 'a'],
      ['tags', 'B'],
      ['tags', 'c'],
    ])
  })
})
