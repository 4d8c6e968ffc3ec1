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

/** A hub with operations op-0, op-1 ... on cam-0, cam-1 ..., which are running until they are ended; queries have no lag. */
function trackEnds(devices: number) {
  const tracked = track({ random: () => 0.5 })
  const { hub, tracker } = tracked
  const ended = new Set<string>()
  hub.onQuery = text => {
    if (!text.includes('operationId')) return { rows: [], continuation: undefined }
    const ids = [...text.matchAll(/'(op-\d+)'/g)].map(([, id = '']) => id)
    const rows = ids
      .filter(id => ended.has(id))
      .map(id => ({ deviceId: id.replace('op', 'cam'), record: { operationId: id, state: 'succeeded' } }))
    return { rows, continuation: undefined }
  }
  const told = new Map<string, JsonObject>()
  const stops = new Map<string, () => void>()
  for (const name of names(devices)) {
    const operationId = name.replace('cam', 'op')
    const listener = {
      onReported(reported: JsonObject) {
        if (!isJsonObject(reported.iothubDM)) return
        told.set(name, reported)
        stops.get(name)?.()
      },
      onError: (error: unknown) => tracked.seen.push({ deviceId: name, value: error }),
    }
    stops.set(name, tracker.watch(name, listener, { actionName: 'reboot', operationId }))
  }
  return { ...tracked, ended, told, stops }
}

describe('many operations of which only the end matters', () => {
  it('are found by queries alone, within the minute', async () => {
    const { clock, hub, ended, told } = trackEnds(1_000)
    await clock.advance(120_000)
    const reads = hub.reads.length
    expect(reads).toBeLessThanOrEqual(4)
    for (const name of names(1_000)) if (Number(name.slice(4)) % 2 === 0) ended.add(name.replace('cam', 'op'))
    await clock.advance(60_000)
    expect(told.size).toBe(500)
    expect(told.get('cam-4')).toEqual({ iothubDM: { reboot: { operationId: 'op-4', state: 'succeeded' } } })
    expect(hub.reads).toHaveLength(reads)
    expect(hub.queries.length).toBeLessThanOrEqual(30)
    for (const { text } of hub.queries) expect(text.length).toBeLessThanOrEqual(maxQueryLength)
    expect(new Set(hub.queries.slice(-1).map(({ text }) => text.includes("'op-4'")))).toEqual(new Set([false]))
  })

  it('are read now and then, far apart from each other, for what no query shows', async () => {
    const { clock, hub } = trackEnds(100)
    await clock.advance(29 * 60_000)
    expect(hub.reads.length).toBeLessThanOrEqual(4 + 29)
    await clock.advance(2 * 60_000)
    expect(hub.reads.length).toBeGreaterThanOrEqual(100)
  })

  it('are read one by one when the credentials do not allow queries, and queried again when they do', async () => {
    const { clock, hub } = trackEnds(100)
    const answer = hub.onQuery
    hub.onQuery = () => {
      throw new HubError('Unauthorized', 'no queries', {})
    }
    await clock.advance(60_000)
    const reads = hub.reads.length
    await clock.advance(10_000)
    expect(hub.reads.length - reads).toBe(100)
    hub.onQuery = answer
    await clock.advance(60_000)
    const last = hub.reads.length
    await clock.advance(10_000)
    expect(hub.reads.length - last).toBe(0)
  })

  it('are all told when it is over, and leave nothing behind', async () => {
    const { clock, tracker, seen, stops } = trackEnds(100)
    await clock.advance(2_000)
    tracker.close()
    expect(seen).toHaveLength(100)
    for (const stop of stops.values()) stop()
    expect(clock.pendingTimers).toBe(0)
  })

  it('are swept by one sweep at a time, however often their number changes', async () => {
    const { clock, hub, tracker, stops } = trackEnds(4)
    const listener = { onReported: () => {}, onError: () => {} }
    let open: (() => void) | undefined
    hub.onQuery = () =>
      new Promise(resolve => {
        open = () => resolve({ rows: [], continuation: undefined })
      })
    await clock.advance(1_000)
    expect(hub.queries).toHaveLength(1)
    for (const name of names(4)) {
      stops.get(name)?.() // few: no more sweeps
      tracker.watch(name, listener, { actionName: 'reboot', operationId: 'op-9' }) // many
    }
    open?.()
    await clock.advance(1)
    hub.onQuery = () => ({ rows: [], continuation: undefined })
    const before = hub.queries.length
    await clock.advance(60_000)
    expect(hub.queries.length - before).toBeLessThanOrEqual(11)
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
