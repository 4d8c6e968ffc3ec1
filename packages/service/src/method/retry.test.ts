import { encodeRefusal } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { simulateFleet } from '../../test/simulated-fleet.ts'
import { HubError } from '../hub/hub-error.ts'

const throttled = new HubError('Throttled', 'slower', { retryable: true, retryAfterInMs: 3_000 })
const offline = new HubError('DeviceOffline', 'away', { retryable: true })
const lost = new HubError('DeviceTimeout', 'no answer', { retryable: true, outcomeUnknown: true })
const busy = encodeRefusal({ code: 'NotReady', message: 'starting' })
const ok = { status: 200, payload: null }

/** A device whose first answers are those; the next one is good. */
function failing(...failures: readonly (HubError | typeof busy)[]) {
  const simulated = simulateFleet()
  const { hub, clock } = simulated
  const times: number[] = []
  const began = clock.now()
  hub.onCall = ({ payload }) => {
    const failure = failures[times.length]
    times.push(clock.now() - began)
    if (failure instanceof Error) throw failure
    if (failure !== undefined) return failure
    const isAction = typeof payload === 'object' && payload !== null && 'operationId' in payload
    return isAction ? { status: 202, payload: { operationId: 'op-1', state: 'accepted' } } : ok
  }
  return { ...simulated, times }
}

describe('a method that is tried again', () => {
  it('waits up to twice as long each time, and as long as the hub asks for besides', async () => {
    const { cam1, clock, times } = failing(offline, throttled, busy)
    const invoked = cam1.methods.ping.invoke(undefined, { retry: { maxTries: 4, idempotent: false } })
    await clock.advance(60_000)
    await expect(invoked).resolves.toBeUndefined()
    expect(times).toEqual([0, 500, 500 + 3_000 + 1_000, 4_500 + 2_000])
    expect(clock.pendingTimers).toBe(0)
  })

  it('fails with the last failure when the tries are used up', async () => {
    const { cam1, clock, times } = failing(offline, offline, throttled)
    const invoked = cam1.methods.ping.invoke(undefined, { retry: { maxTries: 3, idempotent: true } })
    const told = expect(invoked).rejects.toBe(throttled)
    await clock.advance(60_000)
    await told
    expect(times).toHaveLength(3)
  })

  it('is not, unless it may run twice, when it may have run', async () => {
    const once = failing(lost)
    const retry = { maxTries: 5, idempotent: false }
    await expect(once.cam1.methods.ping.invoke(undefined, { retry })).rejects.toBe(lost)
    expect(once.times).toHaveLength(1)
    const twice = failing(lost)
    const invoked = twice.cam1.methods.ping.invoke(undefined, { retry: { maxTries: 5, idempotent: true } })
    await twice.clock.advance(1_000)
    await expect(invoked).resolves.toBeUndefined()
  })

  it('is not when trying again is of no use, or nobody asked for it', async () => {
    const unauthorized = new HubError('Unauthorized', 'no', {})
    const refused = failing(unauthorized)
    const retry = { maxTries: 5, idempotent: true }
    await expect(refused.cam1.methods.ping.invoke(undefined, { retry })).rejects.toBe(unauthorized)
    const plain = failing(offline)
    await expect(plain.cam1.methods.ping.invoke()).rejects.toBe(offline)
    expect(plain.times).toHaveLength(1)
  })

  it('keeps to the time for all tries together', async () => {
    const { cam1, clock, times, hub } = failing(offline, offline, offline, offline)
    const options = { retry: { maxTries: 9, idempotent: true }, totalTimeoutInMs: 2_000 }
    const told = expect(cam1.methods.ping.invoke(undefined, options)).rejects.toBe(offline)
    await clock.advance(1_999)
    await told
    expect(times).toEqual([0, 500, 1_500])
    expect(hub.calls.map(call => call.options.timeoutInMs)).toEqual([2_000, 1_500, 500])
  })

  it('ends with the reason of its signal, also in a pause', async () => {
    const { cam1, clock } = failing(throttled)
    const abort = new AbortController()
    const options = { retry: { maxTries: 9, idempotent: true }, abortSignal: abort.signal }
    const told = expect(cam1.methods.ping.invoke(undefined, options)).rejects.toThrow('enough')
    await clock.advance(100)
    abort.abort(new Error('enough'))
    await told
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([
    [{ retry: { maxTries: 0, idempotent: true } }, /^retry.maxTries: expected an integer from 1/],
    [{ retry: { maxTries: 2, firstDelayInMs: 0, idempotent: true } }, /^retry.firstDelayInMs: expected a number/],
    [{ totalTimeoutInMs: -1 }, /^totalTimeoutInMs: expected a number/],
  ])('does not take %j', async (options, message) => {
    const { cam1, times } = failing()
    await expect(cam1.methods.ping.invoke(undefined, options)).rejects.toThrow(message)
    expect(times).toEqual([])
  })
})

describe('an action that is begun again', () => {
  it('has the same id every time, also when it may have begun', async () => {
    const { cam1, clock, hub, times } = failing(offline, lost, busy)
    const begun = cam1.actions.reboot.begin({}, { retry: { maxTries: 4 } })
    await clock.advance(60_000)
    expect((await begun).operationId).toBe('op-1')
    expect(times).toHaveLength(4)
    expect(new Set(hub.payloads.map(payload => JSON.stringify(payload)))).toEqual(new Set(['{"operationId":"op-1"}']))
  })

  it('keeps to the time for all tries together, also while the twin is looked at', async () => {
    const { cam1, clock, hub } = failing(lost)
    const told = expect(
      cam1.actions.reboot.begin({}, { retry: { maxTries: 9 }, totalTimeoutInMs: 2_000 }),
    ).rejects.toMatchObject({ code: 'OutcomeUnknown', operationId: 'op-1' })
    // Never answers.
    hub.onRead = (_, { abortSignal }) =>
      new Promise((_resolve, reject) => abortSignal?.addEventListener('abort', () => reject(abortSignal.reason)))
    await clock.advance(2_000)
    await told
    expect(clock.pendingTimers).toBe(0)
  })

  it('tells its id when the outcome stays unknown', async () => {
    const { cam1, clock } = failing(lost, lost)
    const told = expect(cam1.actions.reboot.begin({}, { retry: { maxTries: 2 } })).rejects.toMatchObject({
      code: 'OutcomeUnknown',
      operationId: 'op-1',
    })
    await clock.advance(60_000)
    await told
  })
})
