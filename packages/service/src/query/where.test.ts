import { configuration, defineContract, reboot } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { where } from './where.ts'

const camera = defineContract({
  actions: { reboot },
  configurations: { telemetry: configuration(z.object({ seconds: z.number() })) },
})

describe('where', () => {
  it.each([
    [where(t => t.deviceId.eq('cam-1')), "deviceId = 'cam-1'"],
    [where(t => t.deviceId.in(['a', 'b'])), "deviceId IN ['a', 'b']"],
    [where(t => t.tags('site').notIn(['oslo', 5, true])), "tags.site NIN ['oslo', 5, true]"],
    [where(t => t.tags('building', 'floor').gte(3)), 'tags.building.floor >= 3'],
    [where(t => t.tags('group').eq('x')), "tags.[[group]] = 'x'"],
    [where(t => t.tags('a-b').ne(false)), 'tags.[[a-b]] != false'],
    [where(t => t.reported('net', 'ssid').isDefined()), 'IS_DEFINED(properties.reported.net.ssid)'],
    [where(t => t.deviceId.startsWith('cam-')), "STARTSWITH(deviceId, 'cam-')"],
    [where(t => t.tags('roles').contains('gate')), "ARRAY_CONTAINS(tags.roles, 'gate')"],
    [where(t => t.hubConfigurationStatus('fw-2').eq('Applied')), "configurations.[[fw-2]].status = 'Applied'"],
    [
      where<typeof camera>(t => t.action('reboot').errorCode.eq('RestartNotObserved')),
      "properties.reported.iothubDM.reboot.error.code = 'RestartNotObserved'",
    ],
    [where<typeof camera>(t => t.desired('telemetry', 'seconds').lt(5)), 'properties.desired.telemetry.seconds < 5'],
    [
      where<typeof camera>(t => t.acknowledged('telemetry', 'seconds').eq(5)),
      'properties.reported.telemetry.value.seconds = 5',
    ],
    [
      where(t => t.tags('a').eq(1).and(t.tags('b').eq(2), t.tags('c').eq(3))),
      '(tags.a = 1 AND tags.b = 2 AND tags.c = 3)',
    ],
    [
      where(t => t.tags('a').eq(1).or(t.tags('b').eq(2)).and(t.tags('c').eq(3).not())),
      '((tags.a = 1 OR tags.b = 2) AND (NOT tags.c = 3))',
    ],
  ])('%#: is %s', ({ text }, expected) => {
    expect(text).toBe(expected)
  })

  it.each([[[]], [['']], [['a', 'x]]y']]])('cannot name the keys %j', keys => {
    const [first = '', ...rest] = keys
    expect(() => where(t => t.tags(first, ...rest).eq(1))).toThrow(TypeError)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('cannot compare with %d', value => {
    expect(() => where(t => t.tags('a').eq(value))).toThrow('finite numbers')
  })

  it('cannot choose from nothing', () => {
    expect(() => where(t => t.deviceId.in([]))).toThrow('at least one value')
  })
})
