import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { QueryCalls } from '../hub/iot-hub.ts'
import { literal } from '../query/literal.ts'
import { maxQueryLength } from '../query/read-pages.ts'
import { endQueries, reportedOf } from './end-query.ts'
import { inChunks } from './in-chunks.ts'
import type { AwaitedOperation } from './operation-tracker.ts'

/** What a {@link QuerySweep} works with. */
export interface QuerySweepOptions {
  readonly hub: QueryCalls
  readonly clock: Clock
  /** The devices of which every change matters. */
  readonly deviceIds: () => readonly string[]
  /** Told what the query has found of them; it may be old. */
  readonly offer: (deviceId: string, reported: JsonObject) => void
  /** The operations of which only the end matters. */
  readonly awaited: () => readonly AwaitedOperation[]
  /** Told of one that is over; the reported properties hold nothing else. */
  readonly tellEnd: (deviceId: string, operationId: string, reported: JsonObject) => void
  /** Shortest time between two sweeps, in milliseconds. */
  readonly intervalInMs: number
  /** Queries that may be made in a minute; each page counts as one. */
  readonly queriesPerMinute: number
  /** Told when the hub lets these credentials make queries no more, or again: queries take a permission that reads do not take. */
  readonly onRefusal: (isRefused: boolean) => void
}

interface SweepRun {
  cancelTimer: CancelTimeout | undefined
}

/** A query, and what becomes of its rows. */
interface Look {
  readonly text: string
  readonly take: (row: JsonObject) => void
}

/** How long a query may lag behind the twins before a change is missed by the sweeps; a read finds it then. */
const lagInMs = 60_000
const throttledDelayInMs = 30_000

/**
 * Looks at many devices with few queries: all their ids in as few queries as the hub's limit of their length lets, and of them only the
 * devices that have reported lately, or the operations that are over. It keeps to a number of queries a minute, however many devices there
 * are; then a sweep takes longer.
 */
export class QuerySweep {
  readonly #options: QuerySweepOptions
  readonly #abort = new AbortController()
  /** The sweeps since the last start; undefined while paused. */
  #run: SweepRun | undefined
  #isRefused = false
  /** The time of the last change that was seen, by the hub's clock. */
  #seenInMs: number | undefined

  constructor(options: QuerySweepOptions) {
    this.#options = options
  }

  get isStarted(): boolean {
    return this.#run !== undefined
  }

  /** Sweeps from now on. */
  start(): void {
    if (this.#run !== undefined || this.#abort.signal.aborted) return
    this.#run = { cancelTimer: undefined }
    this.#later(this.#run, this.#options.intervalInMs)
  }

  /** Sweeps no more, until it is started again. */
  pause(): void {
    this.#run?.cancelTimer?.()
    this.#run = undefined
    this.#seenInMs = undefined
  }

  close(): void {
    this.pause()
    this.#abort.abort()
  }

  #later(run: SweepRun, delayInMs: number): void {
    run.cancelTimer = this.#options.clock.setTimeout(() => void this.#sweep(run), delayInMs)
  }

  async #sweep(run: SweepRun): Promise<void> {
    const { hub, clock, intervalInMs, queriesPerMinute } = this.#options
    const beganAtInMs = clock.now()
    let queries = 0
    let delayInMs = 0
    try {
      for (const { text, take } of this.#queries()) {
        let continuation: string | undefined
        do {
          const page = await hub.query(text, { continuation, abortSignal: this.#abort.signal })
          queries += 1
          for (const row of page.rows) take(row)
          continuation = page.continuation
        } while (continuation !== undefined)
      }
      this.#tellRefusal(false)
    } catch (error) {
      if (isHubError(error, 'Unauthorized')) this.#tellRefusal(true)
      // Whatever it is, the reads go on, and tell those who wait what is wrong for good.
      delayInMs = isHubError(error) ? (error.retryAfterInMs ?? throttledDelayInMs) : throttledDelayInMs
    }
    if (this.#run !== run) return
    const dueInMs = Math.max(intervalInMs, (queries * 60_000) / queriesPerMinute)
    this.#later(run, Math.max(delayInMs, dueInMs - (clock.now() - beganAtInMs), 0))
  }

  #tellRefusal(isRefused: boolean): void {
    if (isRefused === this.#isRefused) return
    this.#isRefused = isRefused
    this.#options.onRefusal(isRefused)
  }

  #queries(): readonly Look[] {
    const ends = endQueries(this.#options.awaited()).map(({ actionName, text }) => ({
      text,
      take: (row: JsonObject) => this.#takeEnd(actionName, row),
    }))
    const take = (row: JsonObject) => this.#take(row)
    return [...ends, ...this.#changeQueries().map(text => ({ text, take }))]
  }

  #changeQueries(): readonly string[] {
    const since =
      this.#seenInMs === undefined
        ? ''
        : ` AND properties.reported.$metadata.$lastUpdated > ${literal(new Date(this.#seenInMs - lagInMs).toISOString())}`
    const head = 'SELECT deviceId, properties.reported AS reported FROM devices WHERE deviceId IN ['
    const tail = `]${since}`
    return inChunks(this.#options.deviceIds().map(literal), maxQueryLength - head.length - tail.length).map(
      ids => `${head}${ids}${tail}`,
    )
  }

  #takeEnd(actionName: string, { deviceId, record }: JsonObject): void {
    if (typeof deviceId !== 'string' || !isJsonObject(record) || typeof record.operationId !== 'string') return
    this.#options.tellEnd(deviceId, record.operationId, reportedOf(actionName, record))
  }

  #take({ deviceId, reported }: JsonObject): void {
    if (typeof deviceId !== 'string' || !isJsonObject(reported)) return
    const updatedAtInMs = lastUpdated(reported.$metadata)
    if (updatedAtInMs !== undefined) this.#seenInMs = Math.max(this.#seenInMs ?? 0, updatedAtInMs)
    this.#options.offer(deviceId, reported)
  }
}

function lastUpdated(metadata: JsonValue | undefined): number | undefined {
  const time = isJsonObject(metadata) ? metadata.$lastUpdated : undefined
  const timeInMs = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(timeInMs) ? undefined : timeInMs
}
