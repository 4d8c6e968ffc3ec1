import { once } from 'node:events'
import { isRefusedError } from '@iothub-dm/service'
import { describe, expect, it } from 'vitest'
import { ClockBench } from './clock-bench.ts'

describe.concurrent('an operation on a device with our agent', () => {
  it('is followed by iteration and by events at the same time', async () => {
    await using bench = await ClockBench.open()
    const operation = await bench.fleet.getDeviceClient('clock-1').actions.adjustByZod.begin({ by: 1 })
    const events: unknown[] = []
    operation.on('progress', ({ state, status, percent }) => {
      events.push([state, status, percent])
      if (status === 'measuring' && percent === 50) bench.goOn()
    })
    const done = once(operation, 'done')
    const states = new Set<string>()
    for await (const { state } of operation) states.add(state)
    await done
    expect([...states].slice(-2)).toEqual(['running', 'succeeded'])
    expect(events).toContainEqual(['running', 'measuring', 50])
    expect(events.at(-1)).toEqual(['succeeded', 'succeeded', undefined])
  })

  it('is cancelled, and says so', async () => {
    await using bench = await ClockBench.open()
    const operation = await bench.fleet.getDeviceClient('clock-1').actions.adjustByValibot.begin({ by: 1 })
    const result = operation.result({ timeoutInMs: 10_000 })
    const told = expect(result).rejects.toMatchObject({ code: 'OperationFailed', record: { state: 'cancelled' } })
    for await (const { status } of operation) if (status === 'measuring') break
    expect(['running', 'cancelled']).toContain(await operation.cancel())
    await told
    await expect(operation.cancel()).resolves.toBe('cancelled')
  })

  it('stands in the way of another, which is told by which', async () => {
    await using bench = await ClockBench.open()
    const { actions } = bench.fleet.getDeviceClient('clock-1')
    const first = await actions.adjustByZod.begin({ by: 1 })
    const error: unknown = await actions.adjustByArktype.begin({ by: 1 }).catch((reason: unknown) => reason)
    if (!isRefusedError(error, 'Busy')) throw error
    expect(error).toMatchObject({ status: 409, retryable: true })
    expect(error.operation).toMatchObject({ action: 'adjustByZod', operationId: first.operationId })
  })

  it('hides the one before it from who did not look in time', async () => {
    await using bench = await ClockBench.open()
    const { adjustByZod } = bench.fleet.getDeviceClient('clock-1').actions
    const first = await adjustByZod.begin({ by: 1 })
    bench.goOn()
    await first.result({ timeoutInMs: 10_000 })
    await expect(first.cancel()).rejects.toMatchObject({ code: 'NotCancellable', status: 409 })
    const late = await adjustByZod.attach(first.operationId)
    const second = await adjustByZod.begin({ by: 2 })
    for await (const { state } of second) if (state === 'running') break
    await expect(adjustByZod.attach(first.operationId, { timeoutInMs: 50 })).rejects.toMatchObject({
      code: 'OperationNotFound',
      message: expect.stringContaining(second.operationId),
    })
    await expect(late.result()).resolves.toEqual({ now: new Date('2026-01-01T00:00:01.000Z') })
    bench.goOn()
    await second.result({ timeoutInMs: 10_000 })
  })

  it('goes on when the client that waits for it is closed', async () => {
    await using bench = await ClockBench.open()
    const operation = await bench.fleet.getDeviceClient('clock-1').actions.adjustByZod.begin({ by: 1 })
    const told = expect(operation.result()).rejects.toMatchObject({ code: 'ClientClosed' })
    await bench.fleet.close()
    await told
    const finished = bench.hub.waitFor('reportedChanged', ({ patch }) => JSON.stringify(patch).includes('"succeeded"'))
    bench.goOn()
    await finished
  })
})
