import type { Clock } from '../clock/clock.ts'
import type { QueryCalls, TwinCalls } from '../hub/iot-hub.ts'
import type { OperationTracker, ReportedListener } from './operation-tracker.ts'
import type { ProgressFeed } from './progress-feed.ts'
import { QuerySweep } from './query-sweep.ts'
import { TwinReadTracker } from './twin-read-tracker.ts'

/** How a {@link FleetTracker} spends the hub's limits. */
export interface TrackingOptions {
  /** Time between two looks at a device, in milliseconds, as long as few are followed. */
  readonly pollIntervalInMs: number
  /** Devices up to which each is looked at by a read of its twin; more are looked at by queries. */
  readonly maxPolledDevices: number
  /** Queries that may be made in a minute. */
  readonly queriesPerMinute: number
  /** Reads of twins that may be made in a second while queries do the most. */
  readonly readsPerSecond: number
  /** Tells of changes by itself; then nothing is asked regularly. */
  readonly feed?: ProgressFeed | undefined
}

/**
 * Follows any number of devices within a budget of calls to the hub. Few are read one by one, which is always fresh. Many are looked
 * at by queries, a few a minute however many devices there are, and read now and then, for what a query missed. What is old never
 * replaces what is newer.
 */
export class FleetTracker implements OperationTracker {
  readonly #reads: TwinReadTracker
  readonly #sweep: QuerySweep
  readonly #options: TrackingOptions
  readonly #stopFeed: () => void

  constructor(hub: Pick<TwinCalls, 'getTwin'> & QueryCalls, clock: Clock, options: TrackingOptions) {
    const { pollIntervalInMs, maxPolledDevices, queriesPerMinute, readsPerSecond, feed } = options
    this.#options = options
    this.#reads = new TwinReadTracker(hub, clock, devices =>
      devices <= maxPolledDevices && feed === undefined
        ? pollIntervalInMs
        : Math.max(pollIntervalInMs, safetyIntervalInMs, (devices * 1_000) / readsPerSecond),
    )
    this.#sweep = new QuerySweep({
      hub,
      clock,
      deviceIds: () => this.#reads.deviceIds,
      offer: (deviceId, reported) => this.#reads.offer(deviceId, reported),
      intervalInMs: pollIntervalInMs,
      queriesPerMinute,
    })
    this.#stopFeed =
      feed?.subscribe(({ deviceId, reported }) => {
        if (reported === undefined) this.#reads.readSoon(deviceId)
        else this.#reads.offer(deviceId, reported)
      }) ?? nothing
  }

  watch(deviceId: string, listener: ReportedListener): () => void {
    const stop = this.#reads.watch(deviceId, listener)
    this.#adapt()
    return () => {
      stop()
      this.#adapt()
    }
  }

  close(): void {
    this.#stopFeed()
    this.#sweep.close()
    this.#reads.close()
  }

  #adapt(): void {
    const { maxPolledDevices, feed } = this.#options
    const isMany = this.#reads.deviceIds.length > maxPolledDevices
    if (isMany && feed === undefined) this.#sweep.start()
    else this.#sweep.pause()
  }
}

/** How long a change may stay unseen that the queries, or the feed, have missed; longer when the reads do not suffice. */
const safetyIntervalInMs = 5 * 60_000

function nothing(): void {}
