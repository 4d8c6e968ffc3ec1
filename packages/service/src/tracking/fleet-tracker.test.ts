import { isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SimulatedHub } from '../../test/simulated-hub.ts'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { HubError } from '../hub/hub-error.ts'
import { maxQueryLength } from '../query/read-pages.ts'
import { FleetTracker, type TrackingOptions } from './fleet-tracker.ts'
import type { TwinChange } from './progress-feed.ts'

const options: TrackingOptions = {
  pollIntervalInMs: 1_000,
  maxPolledDevices: 3,
  queriesPerMinute: 10,
  readsPerSecond: 10,
}

/** A tracker, and the twins that it looks at: the reported properties of each device, as they are now. */
function track(more: Partial<TrackingOptions> = {}) {
  const clock = new VirtualClock()
  const hub = new SimulatedHub(clock)
  const twins = new Map<string, JsonObject>()
  const twinOf = (deviceId: string) => twins.get(deviceId) ?? { $version: 1 }
  hub.onRead = twinOf
  hub.onQuery = text => {
    const ids = [...text.matchAll(/'(cam-\d+)'/g)].map(([, id = '']) => id)
    const since = /\$lastUpdated > '([^']+)'/.exec(text)?.[1] ?? ''
    const rows = ids
      .map(deviceId => ({ deviceId, reported: twinOf(deviceId) }))
      .filter(({ reported }) => isSince(reported, since))
    return { rows, continuation: undefined }
  }
  const seen: { readonly deviceId: string; readonly value: unknown }[] = []
  const tracker = new FleetTracker(hub, clock, { ...options, ...more })
  const watch = (deviceId: string) =>
    tracker.watch(deviceId, {
      onReported: ({ value }) => seen.push({ deviceId, value }),
      onError: error => seen.push({ deviceId, value: error }),
    })
  const report = (deviceId: string, value: number) => {
    const $lastUpdated = new Date(clock.now()).toISOString()
    const $version = Number(twinOf(deviceId).$version) + 1
    twins.set(deviceId, { value, $version, $metadata: { $lastUpdated } })
  }
  return { clock, hub, tracker, watch, report, seen }
}

function isSince({ $metadata }: JsonObject, since: string): boolean {
  const time = isJsonObject($metadata) ? $metadata.$lastUpdated : ''
  return since === '' || (typeof time === 'string' && time > since)
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `cam-${index}`)

describe('few devices', () => {
  it('are read one by one, and never queried', async () => {
    const { clock, hub, watch } = track()
    for (const name of names(3)) watch(name)
    await clock.advance(10_000)
    expect(hub.reads.length).toBe(3 * 11)
    expect(hub.queries).toEqual([])
  })
})

describe('many devices', () => {
  it('are each read once, and queried together from then on', async () => {
    const { clock, hub, watch } = track()
    for (const name of names(100)) watch(name)
    await clock.advance(60_000)
    expect(hub.reads).toHaveLength(100)
    expect(hub.queries.length).toBeGreaterThan(5)
    expect(hub.queries.length).toBeLessThanOrEqual(11)
  })

  it('are told of what a query finds, once', async () => {
    const { clock, watch, report, seen } = track()
    for (const name of names(10)) watch(name)
    await clock.advance(5_000)
    seen.length = 0
    report('cam-7', 42)
    await clock.advance(60_000)
    expect(seen).toEqual([{ deviceId: 'cam-7', value: 42 }])
  })

  it('are asked for in as few queries as the hub takes, and no more often than the budget lets', async () => {
    const { clock, hub, watch } = track()
    for (const name of names(3_000)) watch(name)
    await clock.advance(10 * 60_000)
    for (const { text } of hub.queries) expect(text.length).toBeLessThanOrEqual(maxQueryLength)
    const perSweep = new Set(hub.queries.map(({ text }) => text.slice(0, 200))).size
    expect(perSweep).toBe(Math.ceil((3_000 * "'cam-1234', ".length) / 8_000))
    expect(hub.queries.length).toBeLessThanOrEqual(10 * 10 + perSweep)
  })

  it('are read one by one again when few are left', async () => {
    const { clock, hub, watch } = track()
    const stops = names(5).map(watch)
    await clock.advance(5_000)
    for (const stop of stops.slice(1)) stop()
    const queries = hub.queries.length
    await clock.advance(400_000)
    expect(hub.queries).toHaveLength(queries)
    expect(hub.reads.at(-1)?.deviceId).toBe('cam-0')
  })

  it('are found by a read, when no query shows the change', async () => {
    const { clock, hub, watch, report, seen } = track()
    for (const name of names(5)) watch(name)
    await clock.advance(5_000)
    hub.onQuery = () => ({ rows: [], continuation: undefined })
    report('cam-3', 42)
    await clock.advance(5 * 60_000)
    expect(seen).toContainEqual({ deviceId: 'cam-3', value: 42 })
  })

  it('are followed on when queries fail, and the hub is given its rest', async () => {
    const { clock, hub, watch } = track()
    hub.onQuery = () => {
      throw new HubError('Throttled', 'slower', { retryable: true, retryAfterInMs: 60_000 })
    }
    for (const name of names(5)) watch(name)
    await clock.advance(5 * 60_000)
    expect(hub.queries.length).toBeLessThanOrEqual(6)
    expect(hub.reads.length).toBeGreaterThanOrEqual(10)
  })

  it('never go back to what is old, however late a query is', async () => {
    const step = fc.record({ device: fc.nat({ max: 7 }), afterInMs: fc.nat({ max: 20_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat({ max: 40 }), async (steps, lag) => {
        const { clock, hub, watch, report, seen } = track()
        const fresh = hub.onQuery
        const answers: ReturnType<typeof fresh>[] = []
        hub.onQuery = (text, pageOptions) => {
          answers.push(fresh(text, pageOptions))
          return answers[Math.max(0, answers.length - 1 - lag)] ?? { rows: [], continuation: undefined }
        }
        for (const name of names(8)) watch(name)
        await clock.advance(2_000)
        for (const [value, { device, afterInMs }] of steps.entries()) {
          report(`cam-${device}`, value + 1)
          await clock.advance(afterInMs)
        }
        for (const name of names(8)) {
          const values = seen.filter(({ deviceId }) => deviceId === name).map(({ value }) => Number(value ?? 0))
          expect(values).toEqual(values.toSorted((left, right) => left - right))
        }
      }),
      { numRuns: 30 },
    )
  })

  it('are told when it is over, and leave nothing behind', async () => {
    const { clock, tracker, watch, seen } = track()
    for (const name of names(10)) watch(name)
    await clock.advance(2_000)
    seen.length = 0
    tracker.close()
    expect(seen).toHaveLength(10)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(600_000)
    expect(seen).toHaveLength(10)
  })
})

describe('a feed', () => {
  it('takes the place of regular looks', async () => {
    let tell: ((change: TwinChange) => void) | undefined
    let isSubscribed = false
    const feed = {
      subscribe(onChange: (change: TwinChange) => void) {
        isSubscribed = true
        tell = onChange
        return () => {
          isSubscribed = false
        }
      },
    }
    const { clock, hub, tracker, watch, report, seen } = track({ feed })
    for (const name of names(10)) watch(name)
    await clock.advance(60_000)
    expect(hub.reads).toHaveLength(10)
    expect(hub.queries).toEqual([])
    seen.length = 0
    report('cam-4', 42)
    tell?.({ deviceId: 'cam-4' })
    tell?.({ deviceId: 'cam-5', reported: { value: 7, $version: 5 } })
    tell?.({ deviceId: 'cam-5', reported: { value: 6, $version: 4 } })
    tell?.({ deviceId: 'nobody', reported: { value: 6, $version: 4 } })
    await clock.advance(1)
    expect(seen).toEqual([
      { deviceId: 'cam-5', value: 7 },
      { deviceId: 'cam-4', value: 42 },
    ])
    expect(isSubscribed).toBe(true)
    tracker.close()
    expect(isSubscribed).toBe(false)
  })
})
