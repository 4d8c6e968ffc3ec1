import { encodeRefusal, limits, type RefusalCode, refusalStatus } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { simulateFleet } from '../../test/simulated-fleet.ts'
import { isRefusedError } from '../errors/refused-error.ts'
import { HubError } from '../hub/hub-error.ts'

/** A request of `shift` that takes so many bytes, in letters of two bytes. */
function shiftOf(bytes: number) {
  return { at: `x${'ü'.repeat((bytes - '{"at":"x"}'.length) / 2)}` }
}

function refuse(code: RefusalCode, more: object) {
  return encodeRefusal({ code, message: 'no', ...more })
}

describe('invoke', () => {
  it('sends the request and gives back the response', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status: 200, payload: ['a', 'b'] })
    await expect(cam1.methods.getLogs.invoke({ lines: 2 })).resolves.toEqual(['a', 'b'])
    expect(hub.calls).toEqual([
      {
        deviceId: 'cam-1',
        request: {
          methodName: 'getLogs',
          payload: { lines: 2 },
          responseTimeoutInSeconds: 30,
          connectTimeoutInSeconds: 0,
        },
        options: {},
      },
    ])
  })

  it('passes its options on', async () => {
    const { cam1, hub } = simulateFleet()
    const { signal: abortSignal } = new AbortController()
    await cam1.methods.ping.invoke(undefined, {
      responseTimeoutInSeconds: 60,
      connectTimeoutInSeconds: 10,
      timeoutInMs: 5_000,
      abortSignal,
    })
    expect(hub.calls).toMatchObject([
      {
        request: { responseTimeoutInSeconds: 60, connectTimeoutInSeconds: 10 },
        options: { timeoutInMs: 5_000, abortSignal },
      },
    ])
  })

  it('takes a status other than 200 for success, as devices may answer it', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status: 204, payload: null })
    await expect(cam1.methods.ping.invoke()).resolves.toBeUndefined()
  })
})

describe('a request', () => {
  it('that is left out travels as null where the method takes none, and as {} where everything is optional', async () => {
    const { cam1, hub } = simulateFleet()
    await cam1.methods.ping.invoke()
    await cam1.methods.snapshot.invoke()
    expect(hub.payloads).toEqual([null, {}])
  })

  it('travels as it is, and not as its schema makes it', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status: 200, payload: { at: '2026-01-02T00:00:00.000Z' } })
    const shifted = await cam1.methods.shift.invoke({ at: '2026-01-01T00:00:00.000Z' })
    expect(hub.payloads).toEqual([{ at: '2026-01-01T00:00:00.000Z' }])
    expect(shifted).toEqual({ at: new Date('2026-01-02T00:00:00.000Z') })
  })

  it('that breaks its schema is not sent', async () => {
    const { cam1, hub } = simulateFleet()
    // @ts-expect-error - lines is a number
    await expect(cam1.methods.getLogs.invoke({ lines: 'all' })).rejects.toMatchObject({
      name: 'InvalidRequestError',
      code: 'InvalidRequest',
      retryable: false,
      message: expect.stringMatching(/^the request of method 'getLogs' is invalid: lines: /),
      issues: [{ path: ['lines'] }],
    })
    // @ts-expect-error - getLogs cannot go without a request
    await expect(cam1.methods.getLogs.invoke()).rejects.toMatchObject({ code: 'InvalidRequest' })
    expect(hub.calls).toEqual([])
  })

  it('that JSON cannot carry is a mistake of the caller', async () => {
    const { cam1, hub } = simulateFleet()
    await expect(cam1.methods.snapshot.invoke(Object.assign(Object.create({ quality: 1 }), {}))).rejects.toThrow(
      TypeError,
    )
    expect(hub.calls).toEqual([])
  })

  it('that is too large for the hub is not sent', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status: 200, payload: { at: '' } })
    await cam1.methods.shift.invoke(shiftOf(limits.methodPayloadBytes))
    await expect(cam1.methods.shift.invoke(shiftOf(limits.methodPayloadBytes + 2))).rejects.toMatchObject({
      name: 'HubError',
      code: 'PayloadTooLarge',
      message: "method 'shift': 131074 bytes, the hub takes 131072",
      outcomeUnknown: false,
      retryable: false,
    })
    expect(hub.calls).toHaveLength(1)
  })
})

describe('a response', () => {
  it('that breaks its schema is an error, since the device has acted', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status: 200, payload: { lines: [] } })
    await expect(cam1.methods.getLogs.invoke({ lines: 1 })).rejects.toMatchObject({
      name: 'InvalidResponseError',
      code: 'InvalidResponse',
      message: expect.stringMatching(/^the response of method 'getLogs' is not what the contract says: /),
      issues: [{ path: [] }],
    })
  })

  it('where none is expected is an error too', async () => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status: 200, payload: 'pong' })
    await expect(cam1.methods.ping.invoke()).rejects.toMatchObject({ code: 'InvalidResponse' })
  })

  it('may be missing where the schema says so: null stands for it on the wire', async () => {
    const { cam1 } = simulateFleet()
    await expect(cam1.methods.snapshot.invoke({ quality: 5 })).resolves.toBeUndefined()
  })
})

describe('a refusal', () => {
  const codes = Object.entries(refusalStatus)

  it.each(codes)('%s is told with its code', async (code, status) => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status, payload: { error: { code, message: 'because' } } })
    const refused = cam1.methods.ping.invoke()
    await expect(refused).rejects.toMatchObject({
      name: 'RefusedError',
      code,
      status,
      message: `the device refused method 'ping' with status ${status}: because`,
      retryable: ['Busy', 'NotReady', 'PersistenceFailed', 'TooManyFailures', 'TooManyRequests'].includes(code),
      issues: [],
      operation: undefined,
    })
    await expect(refused.catch(error => isRefusedError(error))).resolves.toBe(true)
  })

  it('tells what is wrong with the payload, and which operation stands in the way', async () => {
    const { cam1, hub } = simulateFleet()
    const operation = { action: 'reboot', operationId: 'op-9', state: 'running' } as const
    hub.onCall = () => refuse('InvalidPayload', { issues: [{ path: ['lines', 0], message: 'is odd' }] })
    await expect(cam1.methods.ping.invoke()).rejects.toMatchObject({
      message: "the device refused method 'ping' with status 400: no: lines[0]: is odd",
      issues: [{ path: ['lines', 0], message: 'is odd' }],
    })
    hub.onCall = () => refuse('Busy', { operation })
    await expect(cam1.methods.ping.invoke()).rejects.toMatchObject({ operation })
  })

  it.each([
    [501, 'not implemented here', 'not implemented here'],
    [404, null, 'the device gave no reason'],
    [500, { error: { code: 'Sunspots', message: 'too many' } }, 'too many'],
    [400, { error: { code: 'toString', message: 'tricky' } }, 'tricky'],
  ])('of other software (%i, %j) has the code Refused', async (status, payload, reason) => {
    const { cam1, hub } = simulateFleet()
    hub.onCall = () => ({ status, payload })
    await expect(cam1.methods.ping.invoke()).rejects.toMatchObject({
      code: 'Refused',
      status,
      message: `the device refused method 'ping' with status ${status}: ${reason}`,
    })
  })
})

it('an error of the hub is passed on as it is, after one attempt', async () => {
  const { cam1, hub } = simulateFleet()
  const offline = new HubError('DeviceOffline', 'not connected', { retryable: true })
  hub.onCall = () => {
    throw offline
  }
  await expect(cam1.methods.ping.invoke()).rejects.toBe(offline)
  expect(hub.calls).toHaveLength(1)
})
