import { isOperationFailedError } from '@iothub-dm/service'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { ClockBench, shown } from './clock-bench.ts'

const at = '2026-05-05T05:05:05.000Z'

describe('one contract with the schemas of three libraries', () => {
  let bench: ClockBench

  beforeAll(async () => {
    bench = await ClockBench.open()
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  it.each(['setByZod', 'setByValibot', 'setByArktype'] as const)(
    '%s: texts travel, and each side sees what its schema makes of them',
    async name => {
      const { methods } = bench.fleet.getDeviceClient('clock-1')
      const travelled = bench.hub.waitFor('methodInvoked')
      const answered = bench.hub.waitFor('methodAnswered')
      const { was } = await methods[name].invoke({ at })
      expectTypeOf(was).toEqualTypeOf<Date>()
      expect(was).toEqual(new Date(shown))
      expect((await travelled).payload).toEqual({ at })
      expect(bench.received.at(-1)).toEqual(new Date(at))
      expect((await answered).payload).toEqual({ was: shown })
    },
  )

  it.each(['setByZod', 'setByValibot', 'setByArktype'] as const)(
    '%s: what breaks the schema is not sent',
    async name => {
      const { methods } = bench.fleet.getDeviceClient('clock-1')
      await expect(methods[name].invoke({ at: 'soon' })).rejects.toMatchObject({
        code: 'InvalidRequest',
        issues: [{ path: ['at'] }],
      })
    },
  )

  it('a request and a response that may be left out can be left out', async () => {
    const { note } = bench.fleet.getDeviceClient('clock-1').methods
    await expect(note.invoke()).resolves.toBeUndefined()
    await expect(note.invoke({ text: 'hello' })).resolves.toBeUndefined()
    expect(bench.received.slice(-2)).toEqual([undefined, 'hello'])
  })

  it.each(['adjustByZod', 'adjustByValibot', 'adjustByArktype'] as const)(
    '%s: the result is what the schema makes of it, by every way to it',
    async name => {
      const { actions } = bench.fleet.getDeviceClient('clock-1')
      const operation = await actions[name].begin({ by: 60 })
      const result = operation.result({ timeoutInMs: 10_000 })
      bench.goOn()
      const expected = { now: new Date('2026-01-01T00:01:00.000Z') }
      await expect(result).resolves.toEqual(expected)
      expectTypeOf(operation.record.result).toEqualTypeOf<{ now: Date } | undefined>()

      const { operationId } = operation
      const replayed = await actions[name].begin({ by: 60 }, { operationId })
      await expect(replayed.result()).resolves.toEqual(expected)
      const attached = await bench.fleet.actions[name].attach(operation.serialize())
      await expect(attached.result()).resolves.toEqual(expected)
      await expect(actions[name].latest()).resolves.toMatchObject({
        kind: 'operation',
        record: { operationId, state: 'succeeded', result: expected },
      })
    },
  )

  it.each(['adjustByZod', 'adjustByValibot', 'adjustByArktype'] as const)(
    '%s: its own error code reaches the back end, typed',
    async name => {
      const operation = await bench.fleet.getDeviceClient('clock-1').actions[name].begin({ by: 7_200 })
      const failure = operation.result({ timeoutInMs: 10_000 }).catch((error: unknown) => error)
      bench.goOn()
      const error = await failure
      if (!isOperationFailedError(error, operation)) throw error
      const code = error.record.error?.code
      // @ts-expect-error - not an error code of this action
      expect(code === 'tooNear').toBe(false)
      expect(code).toBe('tooFar')
    },
  )
})
