import type { Clock } from '../clock/clock.ts'
import type { QueryCalls, TwinCalls } from '../hub/iot-hub.ts'
import { Followers } from './followers.ts'
import type { AwaitedOperation, OperationTracker, ReportedListener } from './operation-tracker.ts'
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
  /** A number from 0 up to 1. */
  readonly random?: (() => number) | undefined
}

/**
 * Follows any number of devices within a budget of calls to the hub. Few are read one by one, which is always fresh. Many are looked
 * at by queries, a few a minute however many devices there are, and read now and then, for what a query missed. What is old never
 * replaces what is newer. Where only the end of an operation matters, nothing is asked of a device until it is over, and its row is
 * paid for once.
 */
export class FleetTracker implements OperationTracker {
  readonly #followers = new Followers()
  readonly #reads: TwinReadTracker
  readonly #sweep: QuerySweep
  readonly #options: TrackingOptions
  readonly #stopFeed: () => void
  readonly #random: () => number
  /** Whether these credentials may make no queries. */
  #mayNotQuery = false

  constructor(hub: Pick<TwinCalls, 'getTwin'> & QueryCalls, clock: Clock, options: TrackingOptions) {
    const { pollIntervalInMs, queriesPerMinute, feed, random = Math.random } = options
    this.#options = options
    this.#random = random
    this.#reads = new TwinReadTracker(hub, clock, (devices, deviceId) => this.#readIntervalInMs(devices, deviceId))
    this.#sweep = new QuerySweep({
      hub,
      clock,
      deviceIds: () => this.#followers.changing,
      offer: (deviceId, reported) => this.#reads.offer(deviceId, reported),
      awaited: () => this.#followers.awaited,
      tellEnd: (deviceId, operationId, reported) => this.#followers.tellEnd(deviceId, operationId, reported),
      intervalInMs: pollIntervalInMs,
      queriesPerMinute,
      onRefusal: isRefused => {
        this.#mayNotQuery = isRefused
        this.#reads.reschedule(this.#random)
      },
    })
    this.#stopFeed =
      feed?.subscribe(({ deviceId, reported }) => {
        if (reported === undefined) this.#reads.readSoon(deviceId)
        else this.#reads.offer(deviceId, reported)
      }) ?? nothing
  }

  watch(deviceId: string, listener: ReportedListener, awaited?: AwaitedOperation): () => void {
    // A feed tells of a change only against what was read before; and no query over devices finds a module.
    const isSwept = awaited !== undefined && this.#options.feed === undefined && !isModule(deviceId)
    const leave = this.#followers.add(deviceId, listener, isSwept ? awaited : undefined)
    const stop =
      isSwept && this.#isMany ? this.#reads.watchLazily(deviceId, listener) : this.#reads.watch(deviceId, listener)
    this.#adapt()
    return () => {
      leave()
      stop()
      this.#adapt()
    }
  }

  close(): void {
    this.#stopFeed()
    this.#sweep.close()
    this.#reads.close()
  }

  get #isMany(): boolean {
    const { maxPolledDevices, feed } = this.#options
    return feed === undefined && this.#followers.devices > maxPolledDevices
  }

  #adapt(): void {
    if (this.#isMany) {
      this.#sweep.start()
    } else if (this.#sweep.isStarted) {
      this.#sweep.pause()
      this.#reads.reschedule(this.#random)
    }
  }

  #readIntervalInMs(devices: number, deviceId: string): number {
    const { pollIntervalInMs, readsPerSecond, feed } = this.#options
    if (!this.#isMany && feed === undefined) return pollIntervalInMs
    const fairInMs = Math.max(pollIntervalInMs, (devices * 1_000) / readsPerSecond)
    if (isModule(deviceId) || (this.#mayNotQuery && feed === undefined)) return fairInMs
    if (this.#followers.wantsChanges(deviceId)) return Math.max(fairInMs, safetyIntervalInMs)
    // Its end is found by a query, however late that is; only what hides the end, a newer operation, is found by a read.
    return (0.5 + this.#random()) * Math.max(awaitedIntervalInMs, fairInMs)
  }
}

/** How long a change may stay unseen that the queries, or the feed, have missed; longer when the reads do not suffice. */
const safetyIntervalInMs = 5 * 60_000

/** About how long it may stay unseen that a newer operation hides the end of an awaited one: as long as a query may lag behind. */
const awaitedIntervalInMs = 30 * 60_000

/** Tells whether an address is that of a module. */
function isModule(address: string): boolean {
  return address.includes('/')
}

function nothing(): void {}
