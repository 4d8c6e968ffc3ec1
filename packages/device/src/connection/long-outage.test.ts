import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { JsonObject } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../test/seeded-random.ts'
import { SimulatedLink } from '../../test/simulated-link.ts'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { ReportedWriter } from '../reporting/reported-writer.ts'
import { HubConnectionError } from './errors.ts'
import { SupervisedConnection } from './supervised-connection.ts'

const day = 24 * 60 * 60_000
const unavailable = new HubConnectionError('HubUnavailable', 'the hub is away')

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** What is alive, in bytes. */
async function liveMemory(): Promise<number> {
  await setImmediate()
  collectGarbage()
  await setImmediate()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** A device that is away from its hub, and whose progress goes on. */
function deviceOffline() {
  const clock = new VirtualClock()
  const patches: JsonObject[] = []
  let link: SimulatedLink | undefined
  let hubIsThere = true
  let percent = 0
  let attempts = 0
  const connection: SupervisedConnection = new SupervisedConnection(
    listener => {
      attempts += 1
      const started = new SimulatedLink(listener)
      started.updateReported = async patch => {
        patches.push(patch)
        return patches.length
      }
      link = started
      clock.setTimeout(() => (hubIsThere ? started.begin() : started.end(unavailable)), 100)
      return started
    },
    {
      onMethod: async () => ({ status: 200, payload: null }),
      onSession: () => writer.sessionBegan(),
      onLost: () => writer.sessionLost(),
      onDesired: () => {},
    },
    { clock, random: seededRandom(11) },
  )
  const writer: ReportedWriter = new ReportedWriter({
    connection,
    parts: [
      {
        draft: reported => ({
          patches: [reported.percent === percent ? undefined : { percent }],
          confirm: async () => {},
        }),
      },
    ],
    onError: () => {},
    clock,
    progressIntervalInMs: 10_000,
  })
  return {
    clock,
    connection,
    writer,
    patches,
    attempts: () => attempts,
    loseHub() {
      hubIsThere = false
      link?.end(new HubConnectionError('ConnectionLost', 'gone'))
    },
    healHub() {
      hubIsThere = true
    },
    makeProgress() {
      percent += 1
      writer.changed(false)
    },
  }
}

/** Attempts in an hour without a hub, with a wall clock that jumps every ten minutes. */
function attemptsWith(byInMs: number): number {
  const device = deviceOffline()
  void device.connection.open()
  device.clock.advance(60_000)
  device.loseHub()
  for (let minute = 0; minute < 60; minute += 1) {
    device.clock.advance(60_000)
    if (minute % 10 === 5) device.clock.setWallClock(byInMs)
  }
  return device.attempts()
}

describe('R12: an outage of 30 days', () => {
  it('ends by itself within the longest wait, costs no memory, and all that changed goes into one patch', async () => {
    const device = deviceOffline()
    const { clock } = device
    const opening = device.connection.open()
    clock.advance(100)
    await opening
    device.makeProgress()
    await setImmediate()
    clock.advance(60_000)
    device.loseHub()
    clock.advance(day)
    const memoryAfterOneDay = await liveMemory()
    for (let hour = 24; hour < 30 * 24; hour += 1) {
      for (let minute = 0; minute < 60; minute += 1) {
        clock.advance(60_000)
        device.makeProgress()
      }
      await setImmediate()
    }
    expect((await liveMemory()) - memoryAfterOneDay).toBeLessThan(1024 * 1024)
    // One every 15 s and a quarter on average.
    expect(device.attempts()).toBeGreaterThan(150_000)
    expect(device.attempts()).toBeLessThan(180_000)

    const before = device.patches.length
    device.healHub()
    clock.advance(31_000)
    await setImmediate()
    await setImmediate()
    expect(device.patches.slice(before)).toEqual([{ percent: 1 + 29 * 24 * 60 }])
    await device.connection.close()
  })
})

describe('R16: a wall clock that jumps', () => {
  it.each([400 * day, -60 * 60_000])('by %i ms changes nothing about the waits', jumpInMs => {
    expect(attemptsWith(jumpInMs)).toBe(attemptsWith(0))
  })

  it.each([400 * day, -60 * 60_000])('by %i ms holds no report back for longer than the interval', async jumpInMs => {
    const device = deviceOffline()
    const opening = device.connection.open()
    device.clock.advance(100)
    await opening
    device.makeProgress()
    await setImmediate()
    device.clock.setWallClock(jumpInMs)
    device.makeProgress()
    await setImmediate()
    device.clock.advance(10_000)
    await setImmediate()
    expect(device.patches.at(-1)).toEqual({ percent: 2 })
  })
})
