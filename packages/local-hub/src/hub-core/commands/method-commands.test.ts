import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { JsonValue } from '../json/json.ts'

const hello = { methodName: 'hello', payload: { a: 1 }, responseTimeoutInSeconds: 10 }
const offline = expect.objectContaining({ status: 404, number: 404103, code: 'DeviceNotOnline', form: 'nested' })

describe('a direct method', () => {
  it('reaches the device and brings its answer back', async () => {
    const { core, connect, events } = coreFixture()
    const connection = connect('methods')
    const result = core.methods.invoke('d1', hello)
    expect(connection.methodRequests).toEqual([{ requestId: '1', methodName: 'hello', payloadText: '{"a":1}' }])
    core.methods.answer(connection, '1', 207, '{"ok":true}')
    expect(await result).toEqual({ status: 207, payload: { ok: true } })
    const call = { deviceId: 'd1', requestId: '1', methodName: 'hello' }
    expect(events).toContainEqual({ type: 'methodInvoked', ...call, payload: { a: 1 } })
    expect(events.at(-1)).toEqual({ type: 'methodAnswered', ...call, status: 207, payload: { ok: true } })
  })

  it('sends null for no payload, and takes an empty answer for null', async () => {
    const { core, connect } = coreFixture()
    const connection = connect('methods')
    const result = core.methods.invoke('d1', { methodName: 'hello' })
    expect(connection.methodRequests[0]?.payloadText).toBe('null')
    core.methods.answer(connection, '1', -5, '')
    expect(await result).toEqual({ status: -5, payload: null })
  })

  it('fails at once when the device is away or not listening', async () => {
    const { core, connect } = coreFixture()
    await expect(core.methods.invoke('d1', hello)).rejects.toEqual(offline)
    connect('desiredProperties')
    await expect(core.methods.invoke('d1', hello)).rejects.toEqual(offline)
  })

  it('waits for a device that is about to listen, as long as it was told to', async () => {
    const { core, clock, connect } = coreFixture()
    const patient = { ...hello, connectTimeoutInSeconds: 5 }
    const lost = core.methods.invoke('d1', patient)
    clock.advance(4999)
    const found = core.methods.invoke('d1', patient)
    clock.advance(1)
    await expect(lost).rejects.toEqual(offline)
    const connection = connect('methods')
    expect(connection.methodRequests).toHaveLength(1)
    core.methods.answer(connection, '2', 200, '1')
    expect(await found).toEqual({ status: 200, payload: 1 })
  })

  it('is delivered at once to a device that returns with its subscription', async () => {
    const { core, connect } = coreFixture()
    core.sessions.disconnect(connect('methods'), 'closedByClient')
    const result = core.methods.invoke('d1', { ...hello, connectTimeoutInSeconds: 5 })
    const connection = connect()
    core.methods.answer(connection, '1', 200, '1')
    expect((await result).payload).toBe(1)
  })

  it('times out, counted from the request with the wait for the device included', async () => {
    const { core, clock, connect } = coreFixture()
    const result = core.methods.invoke('d1', { ...hello, connectTimeoutInSeconds: 10 })
    clock.advance(6000)
    const connection = connect('methods')
    clock.advance(4000)
    await expect(result).rejects.toEqual(
      expect.objectContaining({ status: 504, number: 504101, info: { timeout: '00:00:10' } }),
    )
    core.methods.answer(connection, '1', 200, '"late"')
    expect(clock.pendingTimers).toBe(1)
  })

  it('is not answered by another connection, nor twice', async () => {
    const { core, connect } = coreFixture()
    core.identities.put('d2', {}, { kind: 'none' })
    const connection = connect('methods')
    const result = core.methods.invoke('d1', hello)
    const intruder = Object.assign(Object.create(connection), { identity: 'd2' })
    core.methods.answer(intruder, '1', 200, '"forged"')
    core.methods.answer(connection, '1', 200, '"first"')
    core.methods.answer(connection, '1', 200, '"second"')
    expect((await result).payload).toBe('first')
  })

  it('ends when the connection does, and is not sent again to the next one', async () => {
    const { core, connect } = coreFixture()
    const result = core.methods.invoke('d1', hello)
    await expect(result).rejects.toEqual(offline)
    const first = connect('methods')
    const cut = core.methods.invoke('d1', hello)
    core.sessions.disconnect(first, 'closedByClient')
    await expect(cut).rejects.toEqual(expect.objectContaining({ status: 404, number: 404104 }))
    expect(connect().methodRequests).toEqual([])
  })

  it('ends when the device answers with something that is not JSON', async () => {
    const { core, connect } = coreFixture()
    const connection = connect('methods')
    const result = core.methods.invoke('d1', hello)
    core.methods.answer(connection, '1', 200, '{')
    await expect(result).rejects.toEqual(expect.objectContaining({ status: 502 }))
  })

  it('ends when the hub does', async () => {
    const { core, connect, clock } = coreFixture()
    connect('methods')
    const result = core.methods.invoke('d1', hello)
    core.close()
    await expect(result).rejects.toEqual(expect.objectContaining({ status: 503 }))
    expect(clock.pendingTimers).toBe(0)
  })

  it('fails for an unknown device', async () => {
    const { core } = coreFixture()
    await expect(core.methods.invoke('d2', hello)).rejects.toEqual(
      expect.objectContaining({ status: 404, number: 404001, message: 'd2' }),
    )
  })

  it('takes time-outs as strings', async () => {
    const { core, clock, connect } = coreFixture()
    connect('methods')
    const result = core.methods.invoke('d1', {
      methodName: 'x',
      responseTimeoutInSeconds: '30',
      connectTimeoutInSeconds: '30',
    })
    clock.advance(30_000)
    await expect(result).rejects.toEqual(expect.objectContaining({ info: { timeout: '00:00:30' } }))
  })

  it.each([
    ['no body', undefined, /JSON object/],
    ['no name', {}, /methodName/],
    ['a long name', { methodName: 'x'.repeat(101) }, /methodName/],
    ['half a surrogate pair in the name', { methodName: '\ud800' }, /methodName/],
    [
      'a short response time-out',
      { ...hello, responseTimeoutInSeconds: 4 },
      /^responseTimeoutInSeconds must be within \[5; 300\]\.$/,
    ],
    ['a long response time-out', { ...hello, responseTimeoutInSeconds: 301 }, /responseTimeoutInSeconds/],
    ['a response time-out in words', { ...hello, responseTimeoutInSeconds: 'ten' }, /responseTimeoutInSeconds/],
    ['a long connect time-out', { ...hello, connectTimeoutInSeconds: 301 }, /connectTimeoutInSeconds/],
    [
      'more time to connect than to answer',
      { ...hello, connectTimeoutInSeconds: 11 },
      /cannot be longer than an overall call timeout/,
    ],
  ] satisfies [string, JsonValue | undefined, RegExp][])('is refused with %s', async (_name, body, message) => {
    const { core } = coreFixture()
    await expect(core.methods.invoke('d1', body)).rejects.toEqual(
      expect.objectContaining({ status: 400, number: 400004, form: 'nested', message: expect.stringMatching(message) }),
    )
  })

  it('is refused with a payload over 128 KB', async () => {
    const { core } = coreFixture()
    const payload = 'x'.repeat(128 * 1024)
    await expect(core.methods.invoke('d1', { ...hello, payload })).rejects.toEqual(
      expect.objectContaining({ status: 413 }),
    )
  })
})
