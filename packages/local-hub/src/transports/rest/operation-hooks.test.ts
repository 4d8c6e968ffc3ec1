import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import { ManualClock, startLocalHub } from '../../index.ts'

const tinyTier = { name: 'S1', burstInSeconds: 0, backlogInSeconds: 0 } as const

describe('requests', () => {
  it('are counted and billed', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await callRest(hub, { method: 'GET', path: '/twins/d1?api-version=x' })
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { tags: { site: 'oslo' } } })
    await callRest(hub, { method: 'POST', path: '/twins/d1/methods', body: { methodName: 'm' } })
    await callRest(hub, { method: 'GET', path: '/devices' })
    await callRest(hub, { method: 'GET', path: '/devices', authorization: 'nonsense' })
    const { operations, billedMessages, totalBilledMessages } = hub.meter.read()
    expect(operations.twinRead.accepted).toBe(1)
    expect(operations.identityOperation.accepted).toBe(1)
    expect(billedMessages).toEqual({ twinRead: 1, twinUpdate: 1, directMethod: 2 })
    expect(totalBilledMessages).toBe(4)
  })

  it('are refused with 429 beyond the limits of a tier', async () => {
    await using hub = await startLocalHub({ tier: tinyTier, clock: new ManualClock() })
    const list = (): Promise<RestAnswer> => callRest(hub, { method: 'GET', path: '/configurations' })
    const call = (): Promise<RestAnswer> => callRest(hub, { method: 'GET', path: '/devices' })
    expect((await call()).status).toBe(200)
    const { status, headers, body } = await call()
    expect(status).toBe(429)
    expect(headers['iothub-errorcode']).toBe('ThrottlingException')
    expect(headers['retry-after']).toBeUndefined()
    expect(body.Message).toBe(
      'ErrorCode:ThrottlingException;The request has been throttled. Wait 10 seconds and try again. Operation type: DeviceRegistryOperation',
    )
    expect((await list()).status).not.toBe(429)
  })

  it('are delayed before they are refused', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ tier: { ...tinyTier, backlogInSeconds: 1 }, clock })
    await hub.createDevice('d1')
    const read = (): Promise<RestAnswer> => callRest(hub, { method: 'GET', path: '/twins/d1' })
    expect((await read()).status).toBe(200)
    const pending = clock.pendingTimers
    const delayed = read()
    while (clock.pendingTimers === pending) await new Promise(resolve => setImmediate(resolve))
    clock.advance(10)
    expect((await delayed).status).toBe(200)
    expect(hub.meter.read().operations.twinRead).toEqual({ accepted: 2, delayed: 1, refused: 0 })
  })

  it('can be refused and held by faults', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    hub.faults.answer(503, { operation: 'twinRead', retryAfterInSeconds: 3 })
    const read = (): Promise<RestAnswer> => callRest(hub, { method: 'GET', path: '/twins/d1' })
    const refused = await read()
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '3'])
    const hold = hub.faults.holdAnswer({ deviceId: 'd1', operation: 'twinUpdate' })
    const patched = callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { tags: { a: 1 } } })
    await hold.struck
    expect((await read()).body.tags).toEqual({ a: 1 })
    hold.release()
    expect((await patched).status).toBe(200)
  })

  it('that are held or delayed do not keep the hub from closing', async () => {
    const hub = await startLocalHub({ tier: { ...tinyTier, backlogInSeconds: 10 } })
    await hub.createDevice('d1')
    const hold = hub.faults.holdAnswer()
    const calls = [1, 2].map(() => callRest(hub, { method: 'GET', path: '/devices' }).catch((error: Error) => error))
    await hold.struck
    await hub.close()
    await Promise.all(calls)
  })

  it('are told of when they are answered', async () => {
    await using hub = await startLocalHub()
    const told = hub.waitFor('requestAnswered')
    await callRest(hub, { method: 'GET', path: '/devices/d1?api-version=2021-04-12' })
    expect(await told).toMatchObject({ method: 'GET', path: '/devices/d1', status: 404 })
  })
})

it('a tier that does not exist is refused', async () => {
  await expect(startLocalHub({ tier: { name: 'S1', units: 0 } })).rejects.toThrow(RangeError)
})
