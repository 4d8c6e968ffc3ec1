import { encodeRefusal, type JsonObject } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { recordOf, reporting } from '../../test/reporting.ts'
import { simulateFleet } from '../../test/simulated-fleet.ts'
import { HubError } from '../hub/hub-error.ts'

describe('attach', () => {
  it('takes up an operation from one read, and knows it', async () => {
    const { cam1, hub } = simulateFleet()
    hub.reported = reporting('calibrate', { operationId: 'op-1', state: 'running', status: 'warming', percent: 40 })
    const handle = await cam1.actions.calibrate.attach('op-1')
    expect(handle.record).toEqual(recordOf({ operationId: 'op-1', state: 'running', status: 'warming', percent: 40 }))
    expect(hub.reads).toHaveLength(1)
  })

  it('takes up an operation that is over, with its result', async () => {
    const { cam1, hub } = simulateFleet()
    hub.reported = reporting('calibrate', { operationId: 'op-1', state: 'succeeded', result: { offset: 2 } })
    const handle = await cam1.actions.calibrate.attach('op-1')
    await expect(handle.result()).resolves.toEqual({ offset: 2 })
    expect(hub.reads).toHaveLength(1)
  })

  it('waits until the device reports the operation', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onRead = () => (hub.reads.length < 4 ? {} : reporting('reboot', { operationId: 'op-1', state: 'accepted' }))
    const attached = cam1.actions.reboot.attach('op-1')
    await clock.advance(3_500)
    expect((await attached).record.state).toBe('accepted')
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends when the device does not report it', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.reported = reporting('reboot', { operationId: 'op-2', state: 'running' })
    const attached = cam1.actions.reboot.attach('op-1', { timeoutInMs: 1_000 })
    const told = expect(attached).rejects.toMatchObject({
      code: 'OperationNotFound',
      message: "device 'cam-1' reports no operation 'op-1', its newest is 'op-2'",
    })
    await clock.advance(1_000)
    await told
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual([0, 500, 1_000])
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends when the hub is away, with the reason', async () => {
    const { cam1, hub, clock } = simulateFleet()
    const away = new HubError('HubUnavailable', 'away', { retryable: true })
    hub.onRead = () => {
      throw away
    }
    const attached = cam1.actions.reboot.attach('op-1')
    const told = expect(attached).rejects.toBe(away)
    await clock.advance(10_000)
    await told
  })

  it('goes on when the hub is away for a moment', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onRead = () => {
      if (hub.reads.length === 1) throw new HubError('HubUnavailable', 'away', { retryable: true })
      return reporting('reboot', { operationId: 'op-1', state: 'accepted' })
    }
    const attached = cam1.actions.reboot.attach('op-1')
    await clock.advance(500)
    await expect(attached).resolves.toMatchObject({ operationId: 'op-1' })
  })

  it('gives no read more time than there is, and always enough for one', async () => {
    const { cam1, hub, clock } = simulateFleet()
    const attached = cam1.actions.reboot.attach('op-1', { timeoutInMs: 8_000 })
    const told = expect(attached).rejects.toMatchObject({ code: 'OperationNotFound' })
    await clock.advance(8_000)
    await told
    expect(hub.reads.map(({ options }) => options.timeoutInMs)).toEqual([8_000, 7_500, 6_500, 5_000, 5_000, 5_000])
  })

  it('ends at once for a device that does not exist', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onRead = () => {
      throw new HubError('DeviceNotFound', 'there is none', {})
    }
    await expect(cam1.actions.reboot.attach('op-1')).rejects.toMatchObject({ code: 'DeviceNotFound' })
    expect(hub.reads).toHaveLength(1)
  })

  it('ends with the reason of its signal', async () => {
    const { cam1, clock } = simulateFleet()
    const abort = new AbortController()
    const told = expect(cam1.actions.reboot.attach('op-1', { abortSignal: abort.signal })).rejects.toThrow('enough')
    await clock.advance(600)
    abort.abort(new Error('enough'))
    await told
    expect(clock.pendingTimers).toBe(0)
  })

  it('refuses what cannot be', async () => {
    const { cam1, hub } = simulateFleet()
    await expect(cam1.actions.reboot.attach('not an id')).rejects.toThrow(/^operationId: expected 1 to 64 letters/)
    for (const timeoutInMs of [0, -1, Number.NaN, 2 ** 31]) {
      await expect(cam1.actions.reboot.attach('op-1', { timeoutInMs })).rejects.toThrow(
        /^timeoutInMs: expected a number/,
      )
    }
    expect(hub.reads).toEqual([])
  })
})

describe('latest', () => {
  it('is undefined when nothing was reported', async () => {
    const { cam1 } = simulateFleet()
    await expect(cam1.actions.reboot.latest()).resolves.toBeUndefined()
  })

  it('is the operation, with the result as its schema makes it', async () => {
    const { cam1, hub } = simulateFleet()
    const members = { operationId: 'op-1', state: 'succeeded' } as const
    hub.reported = reporting('survey', { ...members, result: { at: '2026-01-01T00:00:00.000Z' } })
    await expect(cam1.actions.survey.latest()).resolves.toEqual({
      kind: 'operation',
      record: { ...recordOf(members), result: { at: new Date('2026-01-01T00:00:00.000Z') } },
    })
  })

  it('is an error when the result breaks its schema', async () => {
    const { cam1, hub } = simulateFleet()
    hub.reported = reporting('survey', { operationId: 'op-1', state: 'succeeded', result: 'done' })
    await expect(cam1.actions.survey.latest()).rejects.toMatchObject({
      code: 'InvalidResponse',
      message: expect.stringMatching(/^the result of action 'survey' is not what the contract says/),
    })
  })

  const time = '2017-01-31T12:00:00.000Z'

  // As Microsoft's tutorials and samples report a reboot.
  it.each<[JsonObject, JsonObject]>([
    [{ iothubDM: { reboot: { lastReboot: time } } }, { variant: 'node-tutorial', startedTime: time }],
    [{ iothubDM: { reboot: { startedRebootTime: time } } }, { variant: 'node-sample', startedTime: time }],
    [{ lastReboot: time }, { variant: 'java', finishedTime: time }],
    [{ rebootTime: '2017-01-31 12:00:00.123456' }, { variant: 'python', finishedTime: '2017-01-31 12:00:00.123456' }],
    [{ ReportedRestartUTC: time }, { variant: 'azure-sphere', finishedTime: time }],
    [{ ReportedRestartUTC: { value: time, ac: 200, av: 1 } }, { variant: 'azure-sphere', finishedTime: time }],
  ])('reads %j', async (reported, report) => {
    const { cam1, hub } = simulateFleet()
    hub.reported = reported
    await expect(cam1.actions.reboot.latest()).resolves.toEqual({ kind: 'published', report })
  })

  it('passes its options on', async () => {
    const { cam1, hub } = simulateFleet()
    await cam1.actions.reboot.latest({ timeoutInMs: 7 })
    expect(hub.reads).toMatchObject([{ options: { timeoutInMs: 7 } }])
  })
})

describe('cancel', () => {
  it('asks the device, and tells the state', async () => {
    const { cam1, hub } = simulateFleet()
    const handle = await cam1.actions.reboot.begin()
    hub.onCall = () => ({ status: 200, payload: { operationId: 'op-1', state: 'cancelled' } })
    await expect(handle.cancel({ responseTimeoutInSeconds: 5 })).resolves.toBe('cancelled')
    expect(hub.calls[1]?.request).toEqual({
      methodName: 'cancelOperation',
      payload: { operationId: 'op-1' },
      responseTimeoutInSeconds: 5,
      connectTimeoutInSeconds: 0,
    })
  })

  it('tells why not', async () => {
    const { cam1, hub } = simulateFleet()
    const handle = await cam1.actions.reboot.begin()
    hub.onCall = () => encodeRefusal({ code: 'NotCancellable', message: 'the operation is succeeded' })
    await expect(handle.cancel()).rejects.toMatchObject({
      code: 'NotCancellable',
      message: "the device refused to cancel operation 'op-1' with status 409: the operation is succeeded",
    })
    hub.onCall = () => ({ status: 200, payload: 'fine' })
    await expect(handle.cancel()).rejects.toMatchObject({ code: 'InvalidResponse' })
  })
})
