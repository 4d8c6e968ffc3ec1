import { defineContract, type JsonValue, method } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TutorialBackEnd } from '../support/microsoft-style.ts'
import type { SupervisedDevice } from '../support/supervised-device.ts'
import { backEndSettings, TestBench } from '../support/test-bench.ts'

const secret = 'canary-in-an-exception'

/** A back end that is newer than the device, and less strict. */
const newerCamera = defineContract({
  methods: { getLogs: method({ request: v.object({ lines: v.number() }) }), zoom: method() },
})

describe('a method', () => {
  let bench: TestBench
  let device: SupervisedDevice

  beforeAll(async () => {
    bench = await TestBench.open()
    device = await bench.connectDevice('cam-1', { secret })
  })

  afterAll(() => bench[Symbol.asyncDispose]())

  it('with an invalid payload is refused before anything is sent', async () => {
    let isInvoked = false
    const unsubscribe = bench.hub.subscribe(event => {
      isInvoked ||= event.type === 'methodInvoked'
    })
    const { methods, actions } = bench.fleet.getDeviceClient('cam-1')
    await expect(methods.getLogs.invoke({ lines: 1000 })).rejects.toMatchObject({
      name: 'InvalidRequestError',
      code: 'InvalidRequest',
      issues: [{ path: ['lines'] }],
    })
    await expect(actions.reboot.begin({ delaySeconds: -1 })).rejects.toMatchObject({
      name: 'InvalidRequestError',
      issues: [{ path: ['delaySeconds'] }],
    })
    unsubscribe()
    expect(isInvoked).toBe(false)
  })

  it.each<[string, JsonValue, (string | number)[]]>([
    ['getLogs', { lines: 'many' }, ['lines']],
    ['getLogs', {}, ['lines']],
    ['getLogs', null, []],
    ['getLogs', 'all', []],
    ['calibrate', { target: '42' }, ['target']],
    ['calibrate', 'Test payload', []],
    ['reboot', { delaySeconds: -1 }, ['delaySeconds']],
    ['reboot', { operationId: 'not an id' }, ['operationId']],
    ['reboot', { expiresAt: 'tomorrow' }, ['expiresAt']],
    ['cancelOperation', {}, ['operationId']],
  ])('%s with the payload %j is refused by the device, with the path of what is wrong', async (name, payload, path) => {
    const answer = await new TutorialBackEnd(bench.hub).invoke('cam-1', name, payload)
    const issues = [{ path, message: expect.any(String) }]
    expect(answer).toMatchObject({ status: 400, payload: { error: { code: 'InvalidPayload', issues } } })
    expect(device.blackBox().filter(({ type }) => type === 'effect')).toEqual([])
    expect(await bench.reported('cam-1')).not.toHaveProperty('iothubDM')
  })

  it('that the device refuses is a typed error in the back end', async () => {
    const { connectionString, ...options } = backEndSettings(bench.hub)
    await using fleet = FleetClient.fromConnectionString(connectionString, newerCamera, options)
    const { getLogs, zoom } = fleet.getDeviceClient('cam-1').methods
    const issues = [{ path: ['lines'], message: expect.any(String) }]
    const invalid = { name: 'RefusedError', code: 'InvalidPayload', status: 400, issues }
    await expect(getLogs.invoke({ lines: 1000 })).rejects.toMatchObject(invalid)
    await expect(zoom.invoke()).rejects.toMatchObject({ name: 'RefusedError', code: 'MethodNotFound', status: 404 })
  })

  it.each(['zoom', 'Zoom in', 'getlogs', '__proto__', 'constructor', 'toString'])(
    'that the device does not know is answered with 404: %s',
    async name => {
      expect(await new TutorialBackEnd(bench.hub).invoke('cam-1', name, {})).toEqual({
        status: 404,
        payload: { error: { code: 'MethodNotFound', message: expect.stringContaining(JSON.stringify(name)) } },
      })
    },
  )

  it('whose handler throws is answered with 500 and nothing of the exception', async () => {
    const answer = await new TutorialBackEnd(bench.hub).invoke('cam-1', 'focus', null)
    expect(answer).toMatchObject({ status: 500, payload: { error: { code: 'HandlerFailed' } } })
    const { methods } = bench.fleet.getDeviceClient('cam-1')
    const failed = { name: 'RefusedError', code: 'HandlerFailed', status: 500 }
    await expect(methods.focus.invoke()).rejects.toMatchObject(failed)
    expect(JSON.stringify([answer, await bench.reported('cam-1')])).not.toContain(secret)
    // The device itself is told.
    expect(device.output).toContain(`the lens is stuck: ${secret}`)
    expect(await methods.getLogs.invoke({ lines: 1 })).toEqual([`line 1 of ${device.bootId}`])
  })

  it('whose handler never answers is answered in its place', async () => {
    await bench.connectDevice('cam-2', { methodTimeoutInMs: 200 })
    const { methods } = bench.fleet.getDeviceClient('cam-2')
    const late = { name: 'RefusedError', code: 'HandlerTimeout', status: 500 }
    await expect(methods.stream.invoke()).rejects.toMatchObject(late)
  })

  it('whose handler takes longer than the hub waits has an unknown outcome', async () => {
    const { methods } = bench.fleet.getDeviceClient('cam-1')
    await expect(methods.stream.invoke(undefined, { responseTimeoutInSeconds: 5 })).rejects.toMatchObject({
      name: 'HubError',
      code: 'DeviceTimeout',
      outcomeUnknown: true,
      httpStatus: 504,
    })
    expect(await methods.getLogs.invoke({ lines: 1 })).toHaveLength(1)
  })
})

it('an action whose handler throws fails without a word of the exception', async () => {
  await using bench = await TestBench.open()
  await bench.connectDevice('cam-1', { secret })
  const { polish, calibrate } = bench.fleet.getDeviceClient('cam-1').actions
  const operation = await polish.begin()
  await expect(operation.result({ timeoutInMs: 10_000 })).rejects.toMatchObject({
    name: 'OperationFailedError',
    record: { state: 'failed', error: { code: 'HandlerFailed' } },
  })
  expect(JSON.stringify(await bench.reported('cam-1'))).not.toContain(secret)

  // The one that fails by a code of its own tells why.
  await expect((await calibrate.begin({ target: -1 })).result({ timeoutInMs: 10_000 })).rejects.toMatchObject({
    record: { status: 'measuring', error: { code: 'sensorFault', message: 'the sensor gives no value' } },
  })
})
