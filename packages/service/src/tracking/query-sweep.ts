import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { QueryCalls } from '../hub/iot-hub.ts'
import { literal } from '../query/literal.ts'
import { maxQueryLength } from '../query/read-pages.ts'

/** What a {@link QuerySweep} works with. */
export interface QuerySweepOptions {
  readonly hub: QueryCalls
  readonly clock: Clock
  /** The devices to look after. */
  readonly deviceIds: () => readonly string[]
  /** Told what the query has found; it may be old. */
  readonly offer: (deviceId: string, reported: JsonObject) => void
  /** Shortest time between two sweeps, in milliseconds. */
  readonly intervalInMs: number
  /** Queries that may be made in a minute; each page counts as one. */
  readonly queriesPerMinute: number
}

/** How long a query may lag behind the twins before a change is missed by the sweeps; a read finds it then. */
const lagInMs = 60_000
const throttledDelayInMs = 30_000

/**
 * Looks at many devices with few queries: all their ids in as few queries as the hub's limit of their length lets, and of them only the
 * devices that have reported lately. It keeps to a number of queries a minute, however many devices there are; then a sweep takes
 * longer.
 */
export class QuerySweep {
  readonly #options: QuerySweepOptions
  readonly #abort = new AbortController()
  #cancelTimer: CancelTimeout | undefined
  /** The time of the last change that was seen, by the hub's clock. */
  #seenInMs: number | undefined

  constructor(options: QuerySweepOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#cancelTimer !== undefined
  }

  /** Sweeps from now on. */
  start(): void {
    if (this.#cancelTimer === undefined) this.#later(this.#options.intervalInMs)
  }

  /** Sweeps no more, until it is started again. */
  pause(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#seenInMs = undefined
  }

  close(): void {
    this.pause()
    this.#abort.abort()
  }

  #later(delayInMs: number): void {
    this.#cancelTimer = this.#options.clock.setTimeout(() => void this.#sweep(), delayInMs)
  }

  async #sweep(): Promise<void> {
    const { hub, clock, intervalInMs, queriesPerMinute } = this.#options
    const beganAtInMs = clock.now()
    let queries = 0
    let delayInMs = 0
    try {
      for (const text of this.#queries()) {
        let continuation: string | undefined
        do {
          const page = await hub.query(text, { continuation, abortSignal: this.#abort.signal })
          queries += 1
          for (const row of page.rows) this.#take(row)
          continuation = page.continuation
        } while (continuation !== undefined)
      }
    } catch (error) {
      // Whatever it is, the reads go on, and tell those who wait what is wrong for good.
      delayInMs = isHubError(error) ? (error.retryAfterInMs ?? throttledDelayInMs) : throttledDelayInMs
    }
    if (!this.isRunning || this.#abort.signal.aborted) return
    const dueInMs = Math.max(intervalInMs, (queries * 60_000) / queriesPerMinute)
    this.#later(Math.max(delayInMs, dueInMs - (clock.now() - beganAtInMs), 0))
  }

  #queries(): readonly string[] {
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

  #take({ deviceId, reported }: JsonObject): void {
    if (typeof deviceId !== 'string' || !isJsonObject(reported)) return
    const updatedAtInMs = lastUpdated(reported.$metadata)
    if (updatedAtInMs !== undefined) this.#seenInMs = Math.max(this.#seenInMs ?? 0, updatedAtInMs)
    this.#options.offer(deviceId, reported)
  }
}

/** Joins texts by commas, into as few as a length lets. */
function inChunks(texts: readonly string[], maxLength: number): readonly string[] {
  const chunks: string[] = []
  let chunk = ''
  for (const text of texts) {
    if (chunk !== '' && chunk.length + text.length + 2 > maxLength) {
      chunks.push(chunk)
      chunk = ''
    }
    chunk = chunk === '' ? text : `${chunk}, ${text}`
  }
  return chunk === '' ? chunks : [...chunks, chunk]
}

function lastUpdated(metadata: JsonValue | undefined): number | undefined {
  const time = isJsonObject(metadata) ? metadata.$lastUpdated : undefined
  const timeInMs = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(timeInMs) ? undefined : timeInMs
}
