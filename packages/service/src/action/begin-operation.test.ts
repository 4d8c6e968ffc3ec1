import { action, defineContract, encodeRefusal, factoryReset, isJsonObject, reboot } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { reporting } from '../../test/reporting.ts'
import { simulateFleet } from '../../test/simulated-fleet.ts'
import { HubError } from '../hub/hub-error.ts'

/** Lets the promise go on while time passes. */
async function passing<TValue>(promise: Promise<TValue>, advance: () => Promise<void>): Promise<TValue> {
  promise.catch(() => {}) // it is awaited below
  await advance()
  return promise
}

const lost = new HubError('DeviceTimeout', 'no answer', { retryable: true, outcomeUnknown: true, httpStatus: 504 })

describe('begin', () => {
  it('sends the request with an id beside it, and gives a handle', async () => {
    const { cam1, hub, clock } = simulateFleet()
    const expiresAt = new Date('2026-02-01T00:00:00Z')
    const handle = await cam1.actions.reboot.begin({ delaySeconds: 5 }, { expiresAt, responseTimeoutInSeconds: 10 })
    expect(hub.calls).toMatchObject([
      {
        deviceId: 'cam-1',
        request: {
          methodName: 'reboot',
          payload: { delaySeconds: 5, operationId: 'op-1', expiresAt: '2026-02-01T00:00:00.000Z' },
          responseTimeoutInSeconds: 10,
        },
      },
    ])
    expect(handle).toMatchObject({ deviceId: 'cam-1', action: 'reboot', operationId: 'op-1' })
    const time = new Date(clock.now()).toISOString()
    expect(handle.record).toEqual({
      operationId: 'op-1',
      state: 'accepted',
      status: 'accepted',
      attempt: 0,
      acceptedTime: time,
      updatedTime: time,
    })
  })

  it('reads nothing by itself', async () => {
    const { cam1, hub, clock } = simulateFleet()
    await cam1.actions.reboot.begin()
    await clock.advance(10_000)
    expect(hub.reads).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('goes without a request where everything is optional, and where there is none', async () => {
    const { cam1, hub } = simulateFleet()
    await cam1.actions.reboot.begin()
    await cam1.actions.survey.begin(undefined, { operationId: 'mine' })
    expect(hub.payloads).toEqual([{ operationId: 'op-1' }, { operationId: 'mine' }])
  })

  it('tells an operation that is over already with its result, and follows it no more', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onCall = () => ({ status: 200, payload: { operationId: 'mine', state: 'succeeded', result: { offset: 0.5 } } })
    const handle = await cam1.actions.calibrate.begin({ target: 1 }, { operationId: 'mine' })
    await expect(handle.result()).resolves.toEqual({ offset: 0.5 })
    const records = []
    for await (const record of handle) records.push(record.state)
    expect(records).toEqual(['succeeded'])
    expect(hub.reads).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('tells an operation that failed before with its error', async () => {
    const { cam1, hub } = simulateFleet()
    const error = { code: 'sensorFault', message: 'no value', retryable: false }
    hub.onCall = () => ({ status: 200, payload: { operationId: 'mine', state: 'failed', error } })
    const handle = await cam1.actions.calibrate.begin({ target: 1 }, { operationId: 'mine' })
    await expect(handle.result()).rejects.toMatchObject({ code: 'OperationFailed', record: { error } })
  })
})

describe('an action that loses data', () => {
  const recorder = defineContract({ actions: { factoryReset, wipe: action({ effects: ['losesData'] }), reboot } })
  const armed = { status: 200, payload: { token: 'good once', expiresTime: '2026-01-01T00:01:00Z' } }
  const accepted = { status: 202, payload: { operationId: 'op', state: 'accepted' } }
  const operationId = 'op'

  function device() {
    const { hub, fleet, clock } = simulateFleet(recorder)
    hub.onCall = ({ payload }) => (isJsonObject(payload) && payload.arm === true ? armed : accepted)
    return { hub, clock, ...fleet.getDeviceClient('cam-1') }
  }

  it('is armed first when the caller says that it may', async () => {
    const { actions, hub } = device()
    const handle = await actions.factoryReset.begin({ level: 'data' }, { acknowledge: 'losesData', operationId })
    expect(handle.operationId).toBe('op')
    expect(hub.payloads).toEqual([
      { level: 'data', arm: true },
      { level: 'data', token: 'good once', operationId },
    ])
  })

  it('is armed anew for every try', async () => {
    const { actions, hub, clock } = device()
    const answers = [armed, new HubError('DeviceOffline', 'away', { retryable: true }), armed, accepted]
    hub.onCall = () => {
      const answer = answers.shift()
      if (answer === undefined || answer instanceof Error) throw answer
      return answer
    }
    const options = { acknowledge: 'losesData', operationId, retry: { maxTries: 2 } } as const
    await passing(actions.factoryReset.begin({ level: 'data' }, options), () => clock.advance(10_000))
    expect(answers).toEqual([])
  })

  it('is not armed otherwise: without the word of the caller, with a token, where nothing is lost', async () => {
    const { actions, hub } = device()
    await actions.factoryReset.begin({ level: 'data' }, { operationId })
    await actions.factoryReset.begin({ level: 'data', token: 'own' }, { operationId, acknowledge: 'losesData' })
    await actions.factoryReset.begin({ level: 'settings' }, { operationId, acknowledge: 'losesData' })
    await actions.wipe.begin(undefined, { operationId, acknowledge: 'losesData' })
    // @ts-expect-error - a reboot loses nothing
    await actions.reboot.begin({}, { operationId, acknowledge: 'losesData' })
    expect(JSON.stringify(hub.payloads)).not.toContain('"arm"')
    expect(hub.calls).toHaveLength(5)
  })

  it('tells why it was not armed', async () => {
    const { actions, hub } = device()
    const begin = () => actions.factoryReset.begin({ level: 'data' }, { acknowledge: 'losesData' })
    hub.onCall = () => encodeRefusal({ code: 'NotReady', message: 'closing' })
    await expect(begin()).rejects.toMatchObject({
      code: 'NotReady',
      message: "the device refused to be armed for action 'factoryReset' with status 503: closing",
    })
    hub.onCall = () => ({ status: 200, payload: 'reset' })
    await expect(begin()).rejects.toMatchObject({ code: 'InvalidResponse', answer: { payload: 'reset' } })
  })

  it('cannot wait in the twin for a device that has to be armed', async () => {
    const { actions, hub } = device()
    const options = { acknowledge: 'losesData', whenOffline: 'desired' } as const
    await expect(actions.factoryReset.begin({ level: 'data' }, options)).rejects.toThrow(
      /^whenOffline: expected 'fail'/,
    )
    expect(hub.calls).toEqual([])
  })
})

describe('a mistake of the caller is told before anything is sent', () => {
  it('in the request', async () => {
    const { cam1, hub } = simulateFleet()
    // @ts-expect-error - target is a number
    await expect(cam1.actions.calibrate.begin({ target: 'high' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/^the request of action 'calibrate' is invalid: target: /),
      issues: [{ path: ['target'] }],
    })
    // @ts-expect-error - survey takes no request
    await expect(cam1.actions.survey.begin({ at: 1 })).rejects.toMatchObject({ code: 'InvalidRequest' })
    expect(hub.calls).toEqual([])
  })

  it('in the options', async () => {
    const { cam1, hub } = simulateFleet()
    for (const operationId of ['', 'a b', 'x'.repeat(65)]) {
      await expect(cam1.actions.reboot.begin({}, { operationId })).rejects.toThrow(
        new TypeError(`operationId: expected 1 to 64 letters, digits or . _ : -, got ${JSON.stringify(operationId)}`),
      )
    }
    await expect(cam1.actions.reboot.begin({}, { expiresAt: new Date(Number.NaN) })).rejects.toThrow(
      new TypeError('expiresAt: expected a valid Date, got Invalid Date'),
    )
    // @ts-expect-error - a text is no Date
    await expect(cam1.actions.reboot.begin({}, { expiresAt: '2026-01-01' })).rejects.toThrow(
      new TypeError('expiresAt: expected a valid Date, got 2026-01-01'),
    )
    expect(hub.calls).toEqual([])
  })

  it('who has given up already', async () => {
    const { cam1, hub } = simulateFleet()
    const abortSignal = AbortSignal.abort(new Error('enough'))
    await expect(cam1.actions.reboot.begin({}, { abortSignal })).rejects.toThrow('enough')
    expect(hub.calls).toEqual([])
    expect(hub.reads).toEqual([])
  })
})

describe('an answer', () => {
  it('that refuses is a RefusedError', async () => {
    const { cam1, hub } = simulateFleet()
    const operation = { action: 'calibrate', operationId: 'op-9', state: 'running' } as const
    hub.onCall = () => encodeRefusal({ code: 'Busy', message: 'another operation is under way', operation })
    await expect(cam1.actions.reboot.begin()).rejects.toMatchObject({ code: 'Busy', status: 409, operation })
    expect(hub.reads).toEqual([])
  })

  it.each([
    // As Microsoft's samples answer a reboot.
    [200, 'Reboot started', 'the status 200 of other software'],
    [200, null, 'the status 200 of other software'],
    [200, { status: 'ok' }, 'the status 200 of other software'],
    [202, { operationId: 'op-1', state: 'thinking' }, 'the status 202 of other software'],
    [202, { operationId: 'op-7', state: 'accepted' }, "expected operation 'op-1', got 'op-7'"],
  ])('of other software (%i, %j) is an InvalidResponseError', async (status, payload, reason) => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status, payload })
    await expect(cam1.actions.reboot.begin()).rejects.toMatchObject({
      code: 'InvalidResponse',
      message: expect.stringContaining(reason),
    })
  })

  it('with a result that breaks its schema is an InvalidResponseError', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({
      status: 200,
      payload: { operationId: 'op-1', state: 'succeeded', result: { offset: 'far' } },
    })
    await expect(cam1.actions.calibrate.begin({ target: 1 })).rejects.toMatchObject({
      code: 'InvalidResponse',
      issues: [{ path: ['offset'] }],
    })
  })

  it('that says nothing was begun is passed on without a look at the twin', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => {
      throw new HubError('DeviceOffline', 'not connected', { retryable: true, outcomeUnknown: false })
    }
    await expect(cam1.actions.reboot.begin()).rejects.toMatchObject({ code: 'DeviceOffline' })
    expect(hub.reads).toEqual([])
  })
})

describe('an answer that does not come', () => {
  it('is made good by the twin', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onCall = () => {
      throw lost
    }
    hub.onRead = () => reporting('reboot', { operationId: hub.reads.length < 3 ? 'old' : 'op-1', state: 'running' })
    const handle = await passing(cam1.actions.reboot.begin(), () => clock.advance(2_000))
    expect(handle.record).toMatchObject({ operationId: 'op-1', state: 'running', attempt: 1 })
    expect(hub.calls).toHaveLength(1)
    expect(hub.reads).toHaveLength(3)
  })

  it('is not repeated by itself; the error keeps the id with which it can be', async () => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onCall = () => {
      throw lost
    }
    hub.reported = reporting('reboot', { operationId: 'old', state: 'succeeded' })
    const begun = passing(cam1.actions.reboot.begin(), () => clock.advance(5_000))
    await expect(begun).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
      code: 'OutcomeUnknown',
      operationId: 'op-1',
      cause: lost,
      retryable: true,
    })
    expect(hub.calls).toHaveLength(1)
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual([0, 500, 1_500, 3_500, 5_000])
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([
    new HubError('Unauthorized', 'may not read twins', {}),
    new HubError('HubUnavailable', 'away', { retryable: true }),
  ])('keeps the id also when the twin cannot be read: $code', async error => {
    const { cam1, hub, clock } = simulateFleet()
    hub.onCall = () => {
      throw lost
    }
    hub.onRead = () => {
      throw error
    }
    const begun = passing(cam1.actions.reboot.begin(), () => clock.advance(5_000))
    await expect(begun).rejects.toMatchObject({ code: 'OutcomeUnknown', operationId: 'op-1', cause: lost })
  })

  it('keeps the id also when the client is closed meanwhile', async () => {
    const { cam1, fleet, hub, clock } = simulateFleet()
    hub.onCall = async () => {
      await fleet.close()
      throw lost
    }
    const begun = passing(cam1.actions.reboot.begin(), () => clock.advance(0))
    await expect(begun).rejects.toMatchObject({ code: 'OutcomeUnknown', operationId: 'op-1' })
  })

  it('is waited for no longer than the caller wants', async () => {
    const { cam1, hub, clock } = simulateFleet()
    const abort = new AbortController()
    hub.onCall = () => {
      throw lost
    }
    const begun = passing(cam1.actions.reboot.begin({}, { abortSignal: abort.signal }), () => clock.advance(600))
    abort.abort(new Error('enough'))
    await expect(begun).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
  })
})
