import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../../json/json-value.ts'
import { decodeReportedOperation } from '../../operation/decode-reported.ts'
import type { OperationRecord } from '../../operation/operation-record.ts'
import { encodeOperationSection } from '../../operation/reported-section.ts'
import { validate } from '../../schema/validate.ts'
import { decodeActionRequest } from '../../wire/action-request.ts'
import { reboot } from './reboot.ts'

/** What a device makes of the payload of the direct method. */
function requestOf(payload: JsonValue) {
  const decoded = decodeActionRequest(payload, reboot.pattern?.fromBarePayload)
  return 'issues' in decoded ? decoded : validate(reboot.request, decoded.request, 'request of reboot')
}

describe('the request of reboot', () => {
  // As Microsoft's tutorials, samples and how-to guides send it.
  it.each<[string, JsonValue, JsonObject]>([
    ['Node tutorial, Node SDK sample, Java tutorial', null, {}],
    ['Plug and Play TemperatureController', 15, { delaySeconds: 15 }],
    ['Azure Sphere unit of Microsoft Learn', 0, { delaySeconds: 0 }],
    ['Java how-to', 'Test payload', {}],
    ['Python tutorial: a text that holds JSON', '{"method_number":"42"}', {}],
    ['Node how-to, no payload', '', {}],
    ['direct methods guide', { input1: 'someInput', input2: 'anotherInput' }, {}],
    ['az iot hub invoke-device-method', { delaySeconds: 5 }, { delaySeconds: 5 }],
    ['a text that holds our request', '{"delaySeconds":5}', { delaySeconds: 5 }],
    ['a text that holds a number', '15', { delaySeconds: 15 }],
    ['a text that holds null', 'null', {}],
    ['this library', { delaySeconds: 5, reason: 'update', operationId: 'op-1' }, { delaySeconds: 5, reason: 'update' }],
  ])('is understood as sent by: %s', (_, payload, request) => {
    expect(requestOf(payload)).toEqual({ valid: true, value: request })
  })

  it.each<[JsonValue, string]>([
    [-1, 'delaySeconds'],
    [1.5, 'delaySeconds'],
    [86_401, 'delaySeconds'],
    [{ delaySeconds: '5' }, 'delaySeconds'],
    [{ delaySeconds: null }, 'delaySeconds'],
    ['{"delaySeconds":-1}', 'delaySeconds'],
    [{ reason: 'x'.repeat(129) }, 'reason'],
    [{ operationId: 'not an id' }, 'operationId'],
  ])('is refused for %j', (payload, member) => {
    expect(requestOf(payload)).toMatchObject({ issues: [{ path: [member] }] })
  })

  it.each([[true], [[]], [[5]]])('is refused for %j', payload => {
    expect(requestOf(payload)).toEqual({ issues: [{ path: [], message: 'must be an object' }] })
  })
})

describe('the reported properties of reboot', () => {
  const time = '2017-01-31T12:00:00.000Z'

  // As Microsoft's tutorials and samples write them.
  it.each<[string, JsonObject, JsonObject]>([
    [
      'Node tutorial and .NET how-to, before the restart',
      { iothubDM: { reboot: { lastReboot: time } } },
      { variant: 'node-tutorial', startedTime: time },
    ],
    [
      'Node SDK sample, before the restart',
      { iothubDM: { reboot: { startedRebootTime: time } } },
      { variant: 'node-sample', startedTime: time },
    ],
    [
      'Java tutorial, after the restart, local time',
      { lastReboot: '2017-01-31T12:00:00.123' },
      { variant: 'java', finishedTime: '2017-01-31T12:00:00.123' },
    ],
    [
      'Python tutorial, after the restart, local time',
      { rebootTime: '2017-01-31 12:00:00.123456' },
      { variant: 'python', finishedTime: '2017-01-31 12:00:00.123456' },
    ],
    [
      'Azure Sphere, after the restart',
      { ReportedRestartUTC: '2017-01-31T12:00:00Z' },
      { variant: 'azure-sphere', finishedTime: '2017-01-31T12:00:00Z' },
    ],
    [
      'Azure Sphere, acknowledged as a writable property',
      { ReportedRestartUTC: { value: '2017-01-31T12:00:00Z', ac: 200, av: 1, ad: 'completed' } },
      { variant: 'azure-sphere', finishedTime: '2017-01-31T12:00:00Z' },
    ],
  ])('are read as written by: %s', (_, reported, report) => {
    expect(decodeReportedOperation('reboot', reboot, reported)).toEqual({ kind: 'published', report })
  })

  it.each<JsonObject>([
    {},
    { iothubDM: {} },
    { iothubDM: { reboot: {} } },
    { iothubDM: { reboot: { lastReboot: 5 } } },
    { iothubDM: { firmwareUpdate: { lastReboot: time } } },
    { lastReboot: null },
    { rebootTime: { ac: 200 } },
    { thermostat1: { __t: 'c', maxTempSinceLastReboot: 25.3 } }, // of Plug and Play, and no report of a reboot
  ])('tell nothing in %j', reported => {
    expect(decodeReportedOperation('reboot', reboot, reported)).toBeUndefined()
  })

  const running: OperationRecord = {
    operationId: 'op-1',
    state: 'running',
    status: 'running',
    attempt: 1,
    acceptedTime: time,
    startedTime: '2017-01-31T12:00:01.000Z',
    updatedTime: '2017-01-31T12:00:01.000Z',
  }

  it('have the documented leaves beside the record', () => {
    expect(encodeOperationSection(running, reboot.pattern)).toEqual({
      ...running,
      startedRebootTime: '2017-01-31T12:00:01.000Z',
    })
  })

  it('have lastReboot only once the restart is proven', () => {
    const finishedTime = '2017-01-31T12:01:00.000Z'
    const lastReboot = (state: OperationRecord['state']) =>
      encodeOperationSection({ ...running, state, finishedTime }, reboot.pattern).lastReboot
    expect(lastReboot('succeeded')).toBe(finishedTime)
    expect(lastReboot('failed')).toBeUndefined()
    expect(lastReboot('cancelled')).toBeUndefined()
    expect(encodeOperationSection(running, reboot.pattern)).not.toHaveProperty('lastReboot')
  })
})

it('is published under another name as well, and needs a proof', () => {
  expect(reboot.pattern?.aliases).toEqual(['rebootDevice'])
  expect(reboot.pattern?.provenBy).toBe('restart')
  expect(reboot.effects).toEqual(['idempotent', 'restarts'])
})
