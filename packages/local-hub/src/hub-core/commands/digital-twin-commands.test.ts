import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { RecordingConnection } from '../../../test/recording-connection.ts'
import { type JsonObject, type JsonValue, omitMembers } from '../json/json.ts'

const none = { kind: 'none' } as const
const model = 'dtmi:com:example:TemperatureController;1'

/** A device with the twin of Microsoft's example. */
function setUp() {
  const fixture = coreFixture()
  const { core, clock } = fixture
  const opening = { cleanSession: false, modelId: model, expiresAtInMs: clock.now() + 3_600_000 }
  core.sessions.connect(new RecordingConnection('d1'), opening)
  core.twins.patch('d1', { properties: { desired: { thermostat1: { __t: 'c', targetTemperature: 21.8 } } } }, none)
  clock.advance(1000)
  const targetTemperature = { value: 21.8, ac: 200, av: 2, ad: 'Successfully executed patch' }
  const thermostat1 = { __t: 'c', maxTempSinceLastReboot: 25.3, targetTemperature }
  core.twins.report('d1', { serialNumber: 'alwinexlepaho8329', thermostat1 }, undefined)
  const patch = (...operations: JsonValue[]): JsonObject => {
    core.digitalTwins.patch('d1', operations, none)
    const { properties } = JSON.parse(JSON.stringify(core.twins.get('d1')))
    return omitMembers(properties.desired, ['$metadata', '$version'])
  }
  return { ...fixture, patch }
}

describe('a digital twin', () => {
  it('shows what the device reports, and what is desired in its metadata', () => {
    const { core } = setUp()
    const reportedAt = '2026-01-01T00:00:01.0000000Z'
    expect(core.digitalTwins.get('d1')).toEqual({
      etag: core.twins.get('d1').etag,
      document: {
        $dtId: 'd1',
        serialNumber: 'alwinexlepaho8329',
        thermostat1: {
          maxTempSinceLastReboot: 25.3,
          targetTemperature: 21.8,
          $metadata: {
            targetTemperature: {
              desiredValue: 21.8,
              desiredVersion: 2,
              ackVersion: 2,
              ackCode: 200,
              ackDescription: 'Successfully executed patch',
              lastUpdateTime: reportedAt,
            },
            maxTempSinceLastReboot: { lastUpdateTime: reportedAt },
          },
        },
        $metadata: { $model: model, serialNumber: { lastUpdateTime: reportedAt } },
      },
    })
  })

  it('shows what the device has not reported yet in the metadata only', () => {
    const { core, patch } = setUp()
    patch({ op: 'add', path: '/interval', value: 5 })
    const { document } = core.digitalTwins.get('d1')
    expect(document).not.toHaveProperty('interval')
    expect(document.$metadata).toMatchObject({
      interval: { desiredValue: 5, desiredVersion: 3, lastUpdateTime: '2026-01-01T00:00:01.0000000Z' },
    })
  })
})

describe('a patch of a digital twin', () => {
  it.each<[string, JsonValue, JsonObject]>([
    ['adds a property', { op: 'add', path: '/interval', value: 5 }, { interval: 5 }],
    ['wants of a reported property', { op: 'replace', path: '/serialNumber', value: 'x' }, { serialNumber: 'x' }],
    [
      'replaces a property of a component',
      { op: 'replace', path: '/thermostat1/targetTemperature', value: 30 },
      { thermostat1: { __t: 'c', targetTemperature: 30 } },
    ],
    [
      'adds a property to a component',
      { op: 'add', path: '/thermostat1/mode', value: { fan: true } },
      { thermostat1: { __t: 'c', targetTemperature: 21.8, mode: { fan: true } } },
    ],
    [
      'removes a property of a component',
      { op: 'remove', path: '/thermostat1/targetTemperature' },
      { thermostat1: { __t: 'c' } },
    ],
    [
      'replaces a component',
      { op: 'replace', path: '/thermostat1', value: { $metadata: {}, mode: 1 } },
      { thermostat1: { __t: 'c', mode: 1 } },
    ],
    [
      'adds a component',
      { op: 'add', path: '/thermostat2', value: { $metadata: {}, targetTemperature: 5 } },
      { thermostat2: { __t: 'c', targetTemperature: 5 } },
    ],
    ['takes a path apart as RFC 6901 says', { op: 'add', path: '/a~1b', value: 1 }, { 'a/b': 1 }],
  ])('%s', (_name, operation, expected) => {
    const thermostat1 = { __t: 'c', targetTemperature: 21.8 }
    expect(setUp().patch(operation)).toEqual({ thermostat1, ...expected })
  })

  it('removes a component, or several things at once', () => {
    expect(setUp().patch({ op: 'remove', path: '/thermostat1' })).toEqual({})
    expect(
      setUp().patch(
        { op: 'add', path: '/thermostat1/a', value: 1 },
        { op: 'remove', path: '/thermostat1/targetTemperature' },
        { op: 'add', path: '/b', value: 2 },
      ),
    ).toEqual({ thermostat1: { __t: 'c', a: 1 }, b: 2 })
  })

  it('names in the notification only what it touches', () => {
    const { events, patch } = setUp()
    patch({ op: 'add', path: '/thermostat1/mode', value: 1 })
    expect(events.at(-1)).toMatchObject({
      type: 'desiredChanged',
      patch: { thermostat1: { __t: 'c', mode: 1 } },
      version: 3,
    })
  })

  it.each<[string, JsonValue | undefined, string]>([
    ['no body', undefined, 'InvalidDigitalTwinPatch'],
    ['no array', {}, 'InvalidDigitalTwinPatch'],
    ['no operation', [1], 'InvalidDigitalTwinPatch'],
    ['an operation of another kind', [{ op: 'move', from: '/serialNumber', path: '/x' }], 'InvalidDigitalTwinPatch'],
    ['no value', [{ op: 'add', path: '/x' }], 'InvalidDigitalTwinPatch'],
    ['a value that is not there', [{ op: 'replace', path: '/nothing', value: 1 }], 'InvalidDigitalTwinPatch'],
    ['a parent that is not there', [{ op: 'add', path: '/no/thing', value: 1 }], 'InvalidDigitalTwinPatch'],
    ['a prototype', [{ op: 'add', path: '/__proto__/polluted', value: 1 }], 'InvalidDigitalTwinPatchPath'],
    ['the whole document', [{ op: 'replace', path: '', value: {} }], 'InvalidDigitalTwinPatchPath'],
    ['the id', [{ op: 'replace', path: '/$dtId', value: 'x' }], 'InvalidDigitalTwinPatchPath'],
    ['a relative path', [{ op: 'add', path: 'x', value: 1 }], 'InvalidDigitalTwinPatchPath'],
    ['an illegal name', [{ op: 'add', path: '/a.b', value: 1 }], 'ArgumentInvalid'],
  ])('with %s is refused and leaves nothing behind', (_name, body, code) => {
    const { core } = setUp()
    const before = core.twins.get('d1')
    expect(() => core.digitalTwins.patch('d1', body, none)).toThrow(expect.objectContaining({ status: 400, code }))
    expect(core.twins.get('d1')).toEqual(before)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('is held against the etag, and moves it', () => {
    const { core } = setUp()
    const { etag } = core.digitalTwins.get('d1')
    const body = [{ op: 'add', path: '/a', value: 1 }]
    expect(core.digitalTwins.patch('d1', body, { kind: 'etag', etag })).toBe(core.digitalTwins.get('d1').etag)
    expect(() => core.digitalTwins.patch('d1', body, { kind: 'etag', etag })).toThrow(
      expect.objectContaining({ status: 412 }),
    )
    expect(() => core.digitalTwins.patch('d2', body, none)).toThrow(expect.objectContaining({ status: 404 }))
  })
})
