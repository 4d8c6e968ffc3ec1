import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RacingFleet } from '../../test/racing-fleet.ts'

const numRuns = Number(process.env.RACE_RUNS ?? 150)

type Call = (racing: RacingFleet, abortSignal: AbortSignal, deviceId: string) => Promise<unknown>

const retry = { maxTries: 3 }

/** A handle of an operation; `op-1` is the one that the twin shows. */
async function begin({ fleet }: RacingFleet, deviceId: string) {
  return fleet.getDeviceClient(deviceId).actions.calibrate.begin({ target: 1 }, { operationId: 'op-1' })
}

async function drain(iterable: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of iterable) {
    count += 1
    if (count === 50) break
  }
  return count
}

/** Every public asynchronous call of the package. */
const calls: Readonly<Record<string, Call>> = {
  invoke: ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).methods.ping.invoke(undefined, { abortSignal, retry: { ...retry, idempotent: true } }),
  begin: ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).actions.calibrate.begin({ target: 1 }, { abortSignal, retry, totalTimeoutInMs: 9_000 }),
  'begin for a device that is away': ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).actions.calibrate.begin({ target: 1 }, { abortSignal, whenOffline: 'desired' }),
  attach: ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).actions.calibrate.attach('op-1', { abortSignal, timeoutInMs: 4_000 }),
  latest: ({ fleet }, abortSignal, id) => fleet.getDeviceClient(id).actions.calibrate.latest({ abortSignal }),
  operations: ({ fleet }, abortSignal, id) => fleet.getDeviceClient(id).operations({ abortSignal }),
  result: async (racing, abortSignal, id) => (await begin(racing, id)).result({ abortSignal, timeoutInMs: 60_000 }),
  'result with deadlines': async (racing, abortSignal, id) =>
    (await begin(racing, id)).result({ abortSignal, silentAfterInMs: 5_000, neverStartedAfterInMs: 9_000 }),
  records: async (racing, abortSignal, id) => drain((await begin(racing, id)).records({ abortSignal })),
  cancel: async (racing, abortSignal, id) => (await begin(racing, id)).cancel({ abortSignal }),
  'cancel for a device that is away': async (racing, abortSignal, id) => {
    const { calibrate } = racing.fleet.getDeviceClient(id).actions
    const handle = await calibrate.begin({ target: 1 }, { whenOffline: 'desired', operationId: 'op-1' })
    return Promise.allSettled([handle.cancel({ abortSignal }), handle.result({ abortSignal })])
  },
  'set of a configuration': ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).configurations.telemetry.set({ every: 5 }, { abortSignal, timeoutInMs: 5_000 }),
  'get of a configuration': ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).configurations.telemetry.get({ abortSignal }),
  'clear of a configuration': ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).configurations.telemetry.clear({ abortSignal }),
  'update of a twin': ({ fleet }, abortSignal, id) =>
    fleet.getDeviceClient(id).twin.update(() => ({ desired: { a: 1 } }), { abortSignal }),
  'wait for a job': ({ fleet }, abortSignal) => fleet.jobs.attach('job-1').wait({ abortSignal, timeoutInMs: 20_000 }),
  'outcomes of a job': ({ fleet }) => drain(fleet.jobs.attach('job-1').outcomes()),
  query: ({ fleet }) => drain(fleet.queryRows('SELECT * FROM devices')),
  'query by page': ({ fleet }) => drain(fleet.queryRows('SELECT * FROM devices').byPage({ pageSize: 1 })),
  count: ({ fleet }, abortSignal) => fleet.count(undefined, { abortSignal }),
  summary: ({ fleet }, abortSignal) => fleet.actions.calibrate.summary(undefined, { abortSignal }),
}

const race = fc.record({
  scheduler: fc.scheduler(),
  outcomes: fc.array(fc.nat({ max: 19 }), { minLength: 1, maxLength: 12 }),
  abortAfter: fc.nat({ max: 30 }),
  closeAfter: fc.nat({ max: 40 }),
})

describe('R18: however its calls, timers, aborts and the close of the client fall', () => {
  it.each(Object.entries(calls))(
    '%s settles once, and nothing comes after',
    async (_, call) => {
      await fc.assert(
        fc.asyncProperty(race, async ({ scheduler, outcomes, abortAfter, closeAfter }) => {
          const racing = new RacingFleet(scheduler, outcomes)
          const abort = new AbortController()
          const none = new AbortController()
          let settled = 0
          const watch = async (promise: Promise<unknown>) => {
            await promise.catch(() => {})
            settled += 1
          }
          const watched = [
            watch(call(racing, abort.signal, 'cam-1')),
            watch(call(racing, none.signal, 'cam-1')),
            watch(call(racing, none.signal, 'cam-2')),
          ]
          await racing.run(abortAfter)
          abort.abort(new Error('enough'))
          await racing.run(closeAfter)
          await racing.fleet.close()
          const { reads, calls: made, queries } = racing.hub
          const before = [reads.length, made.length, queries.length]
          await racing.run(1_000)
          expect(settled).toBe(3)
          await Promise.all(watched)
          expect([reads.length, made.length, queries.length]).toEqual(before)
          expect(scheduler.count()).toBe(0)
        }),
        { numRuns },
      )
    },
    60_000,
  )

  it('listeners are told how it ends once, in order, and nothing after', async () => {
    await fc.assert(
      fc.asyncProperty(race, async ({ scheduler, outcomes, abortAfter, closeAfter }) => {
        const racing = new RacingFleet(scheduler, outcomes)
        const told: string[] = []
        const listen = async (): Promise<void> => {
          const handle = await begin(racing, 'cam-1')
          handle.on('progress', ({ state }) => told.push(state))
          handle.on('done', () => told.push('done'))
          handle.on('error', () => told.push('error'))
        }
        const begun = listen().catch(() => told.push('error'))
        await racing.run(abortAfter + closeAfter)
        await racing.fleet.close()
        await racing.run(1_000)
        await begun
        const ends = told.filter(word => word === 'done' || word === 'error')
        expect(ends).toHaveLength(1)
        expect(told.at(-1)).toBe(ends[0])
      }),
      { numRuns },
    )
  }, 60_000)
})
