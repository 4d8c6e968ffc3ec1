import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { ContentKind } from './configuration-content.ts'
import { parseTargetCondition } from './target-condition.ts'

describe('a target condition', () => {
  it.each<[ContentKind, string]>([
    ['device', '*'],
    ['device', "deviceId IN ['d1', 'd2'] AND tags.site = 'oslo'"],
    ['device', "NOT is_defined(properties.reported.firmware) OR devices.properties.reported.firmware = '1'"],
    ['edge', '*'],
    ['edge', "tags.site = 'oslo'"],
    ['module', "FROM devices.modules WHERE moduleId = 'lens' AND tags.site = 'oslo'"],
    ['module', "from Devices.Modules where properties.reported.lens.state = 'clean'"],
  ])('of a %s configuration may be: %s', (kind, text) => {
    expect(parseTargetCondition(text, kind)).toBeDefined()
  })

  it.each<[ContentKind, string]>([
    ['device', "properties.desired.a = '1'"],
    ['device', "status = 'enabled'"],
    ['device', "connectionState = 'Connected'"],
    ['device', 'capabilities.iotEdge = true'],
    ['device', "moduleId = 'lens'"],
    ['device', 'tags.a ='],
    ['device', "SELECT * FROM devices WHERE tags.a = '1'"],
    ['device', "FROM devices.modules WHERE tags.a = '1'"],
    ['device', "FROM devices.jobs WHERE jobId = '1'"],
    ['edge', "FROM devices.modules WHERE tags.a = '1'"],
    ['module', '*'],
    ['module', "tags.a = '1'"],
    ['module', "FROM devices.modules WHERE status = 'enabled'"],
    ['module', 'FROM devices.modules'],
  ])('of a %s configuration must not be: %s', (kind, text) => {
    expect(() => parseTargetCondition(text, kind)).toThrow(
      expect.objectContaining({ code: 'InvalidConfigurationTargetCondition', number: 400401 }),
    )
  })

  it('is empty for nothing', () => {
    expect(parseTargetCondition('  ', 'device')).toBeUndefined()
  })

  it('is held against the content that the configuration has, not the one that is sent along', () => {
    const { core } = coreFixture()
    const body = { content: { deviceContent: {} }, targetCondition: '*' }
    core.configurations.put('c1', body, { kind: 'none' })
    const update = {
      content: { moduleContent: {} },
      targetCondition: 'FROM devices.modules WHERE is_defined(tags)',
    }
    expect(() => core.configurations.put('c1', update, { kind: 'any' })).toThrow(
      expect.objectContaining({ code: 'InvalidConfigurationTargetCondition' }),
    )
    expect(core.configurations.get('c1')).toMatchObject({ targetCondition: '*', etag: 'MQ==' })
  })
})
