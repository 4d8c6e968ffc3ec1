import { once } from 'node:events'
import { operationSection } from '@iothub-dm/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { reporting } from '../../test/reporting.ts'
import { intervalInMs, simulateFleet } from '../../test/simulated-fleet.ts'
import { HubError } from '../hub/hub-error.ts'
import type { OperationHandle } from './operation-handle.ts'

type Report = Parameters<typeof reporting>[1]

/** A calibration that was begun; the twin shows one report after the other, and goes on showing the last one. */
async function begunCalibration(...reports: readonly (Report | undefined)[]) {
  const simulated = simulateFleet()
  const { hub, cam1 } = simulated
  hub.onRead = () => {
    const report = reports[Math.min(hub.reads.length, reports.length) - 1]
    return report === undefined ? {} : reporting('calibrate', report)
  }
  const handle = await cam1.actions.calibrate.begin({ target: 1 })
  return { ...simulated, handle }
}

const ignore = () => {}

const running: Report = { operationId: 'op-1', state: 'running', status: 'warming' }
const half: Report = { ...running, percent: 50 }
const succeeded: Report = { operationId: 'op-1', state: 'succeeded', result: { offset: 2 } }
const failed: Report = {
  operationId: 'op-1',
  state: 'failed',
  error: { code: 'sensorFault', message: 'no value', retryable: false },
}

describe('iterating', () => {
  it('gives the record as it is and every change, ends with the operation, and leaves nothing behind', async () => {
    const { handle, clock, hub } = await begunCalibration(running, running, half, succeeded)
    const seen: unknown[] = []
    const over = (async () => {
      for await (const { state, status, percent, result } of handle) seen.push([state, status, percent, result])
    })()
    await clock.advance(10 * intervalInMs)
    await over
    expect(seen).toEqual([
      ['accepted', 'accepted', undefined, undefined],
      ['running', 'warming', undefined, undefined],
      ['running', 'warming', 50, undefined],
      ['succeeded', 'succeeded', undefined, { offset: 2 }],
    ])
    expect(hub.reads).toHaveLength(4)
    expect(clock.pendingTimers).toBe(0)
  })

  it('gives the newest record where the reader is slow', async () => {
    const { handle, clock } = await begunCalibration(running, half, succeeded)
    handle.on('progress', () => {})
    const records = handle[Symbol.asyncIterator]()
    await records.next()
    await clock.advance(intervalInMs)
    expect((await records.next()).value).toMatchObject({ percent: 50 })
    await clock.advance(intervalInMs)
    expect((await records.next()).value).toMatchObject({ state: 'succeeded' })
    expect((await records.next()).done).toBe(true)
  })

  it('can be broken off, which ends the reading, and begun again', async () => {
    const { handle, clock, hub } = await begunCalibration(running, succeeded)
    const firstRunning = (async () => {
      for await (const record of handle) if (record.state === 'running') break
    })()
    await clock.advance(0)
    await firstRunning
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(60_000)
    expect(hub.reads).toHaveLength(1)

    const states: string[] = []
    const rest = (async () => {
      for await (const { state } of handle) states.push(state)
    })()
    await clock.advance(0)
    await rest
    expect(states).toEqual(['running', 'succeeded'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('is broken off by a loop that throws', async () => {
    const { handle, clock } = await begunCalibration(running)
    const loop = async () => {
      for await (const { state } of handle) if (state === 'running') throw new Error('of the loop')
    }
    const told = expect(loop()).rejects.toThrow('of the loop')
    await clock.advance(0)
    await told
    expect(clock.pendingTimers).toBe(0)
  })

  it('costs nothing before the first record is asked for', async () => {
    const { handle, clock, hub } = await begunCalibration(running)
    handle[Symbol.asyncIterator]()
    await clock.advance(10_000)
    expect(hub.reads).toEqual([])
  })

  it('works many times at once, beside a result and listeners, with the reads of one', async () => {
    const { handle, clock, hub } = await begunCalibration(running, running, half, half, succeeded)
    const progress: unknown[] = []
    handle.on('progress', ({ state }) => progress.push(state))
    const loops = [1, 2, 3].map(async () => {
      const states: string[] = []
      for await (const { state } of handle) states.push(state)
      return states
    })
    const result = handle.result()
    await clock.advance(10 * intervalInMs)
    expect(await Promise.all(loops)).toEqual(
      Array.from({ length: 3 }, () => ['accepted', 'running', 'running', 'succeeded']),
    )
    await expect(result).resolves.toEqual({ offset: 2 })
    expect(progress).toEqual(['running', 'running', 'succeeded'])
    expect(hub.reads).toHaveLength(5)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('result', () => {
  it('rejects when the operation has failed', async () => {
    const { handle, clock } = await begunCalibration(failed)
    const told = expect(handle.result()).rejects.toMatchObject({
      name: 'OperationFailedError',
      code: 'OperationFailed',
      message: "operation 'op-1' failed: sensorFault, no value",
      record: { state: 'failed', error: { code: 'sensorFault' } },
    })
    await clock.advance(0)
    await told
    await expect(handle.result()).rejects.toMatchObject({ code: 'OperationFailed' })
  })

  it('ends at its time-out, and can be asked for again', async () => {
    const { handle, clock } = await begunCalibration(running, running, running, succeeded)
    const told = expect(handle.result({ timeoutInMs: 1_500 })).rejects.toMatchObject({
      name: 'WaitTimeoutError',
      code: 'WaitTimeout',
      message: "operation 'op-1' was not over after 1500 ms",
      retryable: true,
    })
    await clock.advance(1_500)
    await told
    expect(clock.pendingTimers).toBe(0)
    const result = handle.result({ timeoutInMs: 60_000 })
    await clock.advance(2 * intervalInMs)
    await expect(result).resolves.toEqual({ offset: 2 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends with the reason of its signal, and leaves no listener on it', async () => {
    const { handle, clock } = await begunCalibration(running)
    const abort = new AbortController()
    const told = expect(handle.result({ abortSignal: abort.signal })).rejects.toThrow('enough')
    await clock.advance(500)
    abort.abort(new Error('enough'))
    await told
    await expect(handle.result({ abortSignal: abort.signal })).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
  })

  it('goes on for others when one of them gives up', async () => {
    const { handle, clock } = await begunCalibration(running, running, succeeded)
    const told = expect(handle.result({ timeoutInMs: 500 })).rejects.toMatchObject({ code: 'WaitTimeout' })
    const patient = handle.result()
    await clock.advance(5 * intervalInMs)
    await told
    await expect(patient).resolves.toEqual({ offset: 2 })
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a time-out of %d', async timeoutInMs => {
    const { handle, clock } = await begunCalibration(running)
    await expect(handle.result({ timeoutInMs })).rejects.toThrow(/^timeoutInMs: expected a number above 0/)
    expect(clock.pendingTimers).toBe(0)
  })

  it('is what the schema makes of it, also where JSON cannot carry that', async () => {
    const { cam1, hub, clock } = simulateFleet()
    const survey = await cam1.actions.survey.begin()
    const at = '2026-01-01T00:00:00.000Z'
    hub.onRead = () =>
      reporting('survey', {
        operationId: 'op-1',
        ...(hub.reads.length < 2 ? { state: 'running' } : { state: 'succeeded', result: { at } }),
      })
    const result = survey.result()
    await clock.advance(2 * intervalInMs)
    await expect(result).resolves.toEqual({ at: new Date(at) })
  })

  it('rejects when the result breaks its schema', async () => {
    const { handle, clock, hub } = await begunCalibration({ ...succeeded, result: { offset: 'far' } })
    const told = expect(handle.result()).rejects.toMatchObject({
      code: 'InvalidResponse',
      issues: [{ path: ['offset'] }],
    })
    await clock.advance(10_000)
    await told
    expect(hub.reads).toHaveLength(1)
  })
})

describe('listeners', () => {
  it('are told every change and the end, and stop the reading with it', async () => {
    const { handle, clock, hub } = await begunCalibration(running, half, succeeded)
    const told: unknown[] = []
    handle.on('progress', ({ status, percent }) => told.push(['progress', status, percent]))
    handle.on('done', ({ state }) => told.push(['done', state]))
    await clock.advance(10 * intervalInMs)
    expect(told).toEqual([
      ['progress', 'warming', undefined],
      ['progress', 'warming', 50],
      ['progress', 'succeeded', undefined],
      ['done', 'succeeded'],
    ])
    expect(hub.reads).toHaveLength(3)
    expect(clock.pendingTimers).toBe(0)
  })

  it('end the reading when the last one is removed, however it is done', async () => {
    const { handle, clock } = await begunCalibration(running)
    const removals = [
      () => handle.off('progress', ignore),
      () => handle.removeListener('progress', ignore),
      () => handle.removeAllListeners('progress'),
      () => handle.removeAllListeners(),
      () => handle.close(),
    ]
    for (const remove of removals) {
      handle.on('progress', ignore)
      expect(clock.pendingTimers).toBe(1)
      remove()
      expect(clock.pendingTimers).toBe(0)
    }
  })

  it('go on while one is left', async () => {
    const { handle, clock } = await begunCalibration(running)
    handle.on('progress', ignore).on('done', ignore)
    handle.off('progress', ignore)
    expect(clock.pendingTimers).toBe(1)
    handle.off('done', ignore)
    expect(clock.pendingTimers).toBe(0)
  })

  it('that wait for one change only, follow for that long', async () => {
    const { handle, clock, hub } = await begunCalibration(running, half)
    const first = once(handle, 'progress')
    await clock.advance(10 * intervalInMs)
    await expect(first).resolves.toMatchObject([{ status: 'warming' }])
    expect(hub.reads).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('that come after the end are told how it ended, once', async () => {
    const { handle, clock } = await begunCalibration(succeeded)
    let early = 0
    handle.on('done', () => {
      early += 1
    })
    await clock.advance(0)
    const late: string[] = []
    handle.on('done', ({ state }) => late.push(state))
    handle.on('progress', () => late.push('progress'))
    handle.on('error', () => late.push('error'))
    await clock.advance(10_000)
    expect(late).toEqual(['succeeded'])
    expect(early).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('of an operation that was over from the beginning are told too', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onCall = () => ({ status: 200, payload: { operationId: 'op-1', state: 'succeeded', result: { offset: 1 } } })
    const handle = await cam1.actions.calibrate.begin({ target: 1 })
    await expect(once(handle, 'done')).resolves.toMatchObject([{ state: 'succeeded' }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('that throw harm nobody else: it is an uncaught exception', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.reported = {
      iothubDM: {
        calibrate: operationSection(reporting('calibrate', succeeded), 'calibrate'),
        reboot: operationSection(reporting('reboot', { operationId: 'op-2', state: 'running' }), 'reboot'),
      },
    }
    const uncaught = catchUncaught()
    const calibration = await cam1.actions.calibrate.begin({ target: 1 })
    const rebooting = await cam1.actions.reboot.begin()
    const told: string[] = []
    calibration.on('progress', () => {
      throw new Error('of the listener')
    })
    calibration.on('done', () => told.push('done'))
    rebooting.on('progress', ({ state }) => told.push(state))
    rebooting.on('error', () => told.push('error'))
    await clock.advance(5 * intervalInMs)
    expect(uncaught).toEqual([new Error('of the listener')])
    expect(told).toEqual(['done', 'running'])
    rebooting.close()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('an operation that can be followed no longer', () => {
  const gone = new HubError('DeviceNotFound', 'there is none', {})

  it('tells everybody, and reads no more', async () => {
    const { handle, clock, hub } = await begunCalibration(running)
    const errors: unknown[] = []
    handle.on('error', error => errors.push(error))
    const loop = async () => {
      for await (const _ of handle);
    }
    const told = [expect(loop()).rejects.toBe(gone), expect(handle.result()).rejects.toBe(gone)]
    await clock.advance(0)
    hub.onRead = () => {
      throw gone
    }
    await clock.advance(60_000)
    await Promise.all(told)
    expect(errors).toEqual([gone])
    expect(hub.reads).toHaveLength(2)
    await expect(handle.result()).rejects.toBe(gone)
    expect(hub.reads).toHaveLength(2)
    expect(handle.record.state).toBe('running')
    await expect(once(handle, 'error')).resolves.toEqual([gone])
    expect(clock.pendingTimers).toBe(0)
  })

  it('throws nothing at those who do not ask', async () => {
    const { handle, clock, hub } = await begunCalibration(running)
    const uncaught = catchUncaught()
    handle.on('progress', () => {})
    await clock.advance(0)
    hub.onRead = () => {
      throw gone
    }
    await clock.advance(60_000)
    expect(uncaught).toEqual([])
    await expect(handle.result()).rejects.toBe(gone)
  })

  it('goes on over failures that pass', async () => {
    const { handle, clock, hub } = await begunCalibration(running)
    const result = handle.result()
    hub.onRead = () => {
      if (hub.reads.length < 4) throw new HubError('Throttled', 'slow down', { retryable: true })
      return reporting('calibrate', succeeded)
    }
    await clock.advance(60_000)
    await expect(result).resolves.toEqual({ offset: 2 })
  })
})

describe('another operation in the twin', () => {
  const earlier: Report = { operationId: 'op-0', state: 'succeeded' }
  const newer: Report = { operationId: 'op-9', state: 'running' }
  const superseded = {
    name: 'OperationSupersededError',
    code: 'OperationSuperseded',
    message: "operation 'op-1' was followed by 'op-9' before its outcome was read",
  }

  it('is an earlier one as long as ours has not been there', async () => {
    const { handle, clock } = await begunCalibration(undefined, earlier, earlier, running, succeeded)
    const result = handle.result()
    await clock.advance(10 * intervalInMs)
    await expect(result).resolves.toEqual({ offset: 2 })
  })

  it('is one that ours waits behind, however many there are, as long as it says so', async () => {
    const first: Report = { operationId: 'op-7', state: 'running', queued: ['op-8', 'op-1'] }
    const second: Report = { operationId: 'op-8', state: 'running', queued: ['op-1'] }
    const { handle, clock } = await begunCalibration(first, first, second, second, running, succeeded)
    const result = handle.result()
    await clock.advance(10 * intervalInMs)
    await expect(result).resolves.toEqual({ offset: 2 })
  })

  it.each([
    ['after ours', [running, newer]],
    ['after the earlier one', [earlier, newer]],
  ])('is a newer one %s', async (_, reports) => {
    const { handle, clock, hub } = await begunCalibration(...reports)
    const told = expect(handle.result()).rejects.toMatchObject(superseded)
    await clock.advance(10 * intervalInMs)
    await told
    expect(hub.reads).toHaveLength(2)
    expect(clock.pendingTimers).toBe(0)
  })

  it('is a newer one when the hub learned of it long after ours began', async () => {
    const { handle, clock, hub } = await begunCalibration()
    await clock.advance(3_600_000)
    const $lastUpdated = new Date(clock.now() - 60_000).toISOString()
    hub.onRead = () => ({
      ...reporting('calibrate', newer),
      $metadata: { iothubDM: { calibrate: { operationId: { $lastUpdated } } } },
    })
    const told = expect(handle.result()).rejects.toMatchObject(superseded)
    await clock.advance(0)
    await told
  })

  it('is a newer one for an operation that was taken up from the twin', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onRead = () => reporting('calibrate', hub.reads.length < 2 ? running : newer)
    const handle = await cam1.actions.calibrate.attach('op-1')
    const told = expect(handle.result()).rejects.toMatchObject(superseded)
    await clock.advance(0)
    await told
  })
})

it('a handle that was taken up is not misled by what others read before', async () => {
  const { cam1, hub, clock } = simulateFleet()
  hub.reported = reporting('calibrate', { operationId: 'op-0', state: 'succeeded' })
  const other = await cam1.actions.reboot.begin({}, { operationId: 'op-0' })
  other.on('progress', () => {})
  await clock.advance(500)
  hub.reported = reporting('calibrate', running)
  const handle = await cam1.actions.calibrate.attach('op-1')
  const result = handle.result()
  await clock.advance(500)
  hub.reported = reporting('calibrate', succeeded)
  await clock.advance(10 * intervalInMs)
  await expect(result).resolves.toEqual({ offset: 2 })
})

it('a handle that was taken up does not tell again what it knows', async () => {
  const { cam1, hub, clock } = simulateFleet()
  hub.onRead = () => reporting('calibrate', hub.reads.length < 4 ? half : succeeded)
  const handle = await cam1.actions.calibrate.attach('op-1')
  const states: string[] = []
  const over = (async () => {
    for await (const { state } of handle) states.push(state)
  })()
  await clock.advance(10 * intervalInMs)
  await over
  expect(states).toEqual(['running', 'succeeded'])
})

it('closing the client settles every wait, and tells every later one', async () => {
  const { handle, fleet, clock, hub } = await begunCalibration(running)
  const closed = { name: 'ClientClosedError', code: 'ClientClosed', retryable: false }
  const errors: unknown[] = []
  handle.on('error', error => errors.push(error))
  const loop = async () => {
    for await (const _ of handle);
  }
  const told = [expect(loop()).rejects.toMatchObject(closed), expect(handle.result()).rejects.toMatchObject(closed)]
  const unused = await fleet.getDeviceClient('cam-1').actions.calibrate.begin({ target: 1 })
  await clock.advance(0)
  await fleet.close()
  await Promise.all(told)
  await expect(unused.result()).rejects.toMatchObject(closed)
  await expect(handle.cancel()).rejects.toMatchObject(closed)
  expect(errors).toMatchObject([closed])
  expect(hub.reads).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})

it('the reads of a device are one an interval, however many operations of it are followed', async () => {
  const { cam1, hub, clock } = simulateFleet()
  const handles: OperationHandle[] = [
    await cam1.actions.reboot.begin(),
    await cam1.actions.calibrate.begin({ target: 1 }),
  ]
  for (let count = 0; count < 50; count += 1) handles.push(await cam1.actions.survey.begin())
  for (const handle of handles) handle.on('progress', () => {})
  await clock.advance(10 * intervalInMs)
  expect(hub.reads).toHaveLength(11)
})

it('a handle is not thenable, so that await gives the handle and not the result', async () => {
  const { handle } = await begunCalibration(running)
  expect('then' in handle).toBe(false)
  await expect(Promise.resolve(handle)).resolves.toBe(handle)
})

/** What nobody caught from now on until the end of the test, which must not fail because of it. */
function catchUncaught(): readonly unknown[] {
  const uncaught: unknown[] = []
  const usual = process.listeners('uncaughtException')
  const collect = (error: unknown) => uncaught.push(error)
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', collect)
  onTestFinished(() => {
    process.off('uncaughtException', collect)
    for (const listener of usual) process.on('uncaughtException', listener)
  })
  return uncaught
}
