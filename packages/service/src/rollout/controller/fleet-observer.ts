import type { Clock } from '../../clock/clock.ts'
import { isHubError } from '../../hub/hub-error.ts'
import type { IotHub } from '../../hub/iot-hub.ts'
import { readPages } from '../../query/read-pages.ts'
import { controlDevicePrefix } from '../control/control-twin.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import type { DeviceBook } from './device-book.ts'
import { finishedQuery, parseSighting, type Sighting, sightingOf, targetQuery } from './rollout-queries.ts'

/** What a {@link FleetObserver} works with. */
export interface FleetObserverOptions {
  /** Keeps to the limits of the hub by itself. */
  readonly hub: IotHub
  readonly clock: Clock
  readonly plan: RolloutPlan
  readonly book: DeviceBook
  /** Time between two listings of all devices, in milliseconds. */
  readonly refreshIntervalInMs: number
  readonly abortSignal: AbortSignal
}

/** Devices up to which each one at work is read; more are looked at by a query. */
const maxReadDevices = 40
/** Devices that are read at a time before they are called silent. */
const maxUnheardReads = 40
/** Queries lag behind the twins: so much of what was seen is looked at again. What comes later still is found by reads and listings. */
const lagInMs = 5_000

/** How far the clocks of hub and back end may be apart. */
const clockSkewInMs = 60_000

/** Keeps a {@link DeviceBook} in step with the fleet, with few calls to the hub however many devices there are. */
export class FleetObserver {
  readonly #options: FleetObserverOptions
  #listedAtInMs = Number.NEGATIVE_INFINITY
  /** The newest report that was seen, by the clock of the hub. */
  #seenInMs = Number.NEGATIVE_INFINITY
  #isReady = false
  #queries = 0

  constructor(options: FleetObserverOptions) {
    this.#options = options
  }

  /** Whether all devices were seen. */
  get isReady(): boolean {
    return this.#isReady
  }

  /**
   * Looks once, in the way that fits.
   *
   * @returns how many queries it took; a page counts as one
   */
  async look(): Promise<number> {
    const { clock, book, refreshIntervalInMs } = this.#options
    this.#queries = 0
    const { open, unheard } = book
    if (clock.now() - this.#listedAtInMs >= refreshIntervalInMs) await this.#list()
    else if (open.length > maxReadDevices) {
      await this.#query()
      await this.#read(unheard.slice(0, maxUnheardReads))
    } else await this.#read(open)
    return this.#queries
  }

  async #list(): Promise<void> {
    const { clock, book, plan } = this.#options
    const beganAtInMs = clock.now()
    const sightings: Sighting[] = []
    for await (const sighting of this.#sightings(targetQuery(plan))) {
      if (!sighting.deviceId.startsWith(controlDevicePrefix)) sightings.push(sighting)
    }
    book.replace(sightings, clock.now())
    this.#listedAtInMs = beganAtInMs
    this.#seenInMs = Math.max(this.#seenInMs, beganAtInMs - clockSkewInMs)
    this.#isReady = true
  }

  async #query(): Promise<void> {
    const { clock, book, plan } = this.#options
    for await (const sighting of this.#sightings(finishedQuery(plan, Math.max(0, this.#seenInMs - lagInMs)))) {
      book.see(sighting, clock.now())
      this.#seenInMs = Math.max(this.#seenInMs, sighting.reportedAtInMs ?? Number.NEGATIVE_INFINITY)
    }
  }

  async *#sightings(text: string): AsyncGenerator<Sighting, void, undefined> {
    const { hub, clock, abortSignal } = this.#options
    for await (const rows of readPages(hub, clock, text, { abortSignal })) {
      this.#queries += 1
      for (const row of rows) {
        const sighting = parseSighting(row)
        if (sighting !== undefined) yield sighting
      }
    }
  }

  async #read(deviceIds: readonly string[]): Promise<void> {
    await Promise.all(deviceIds.map(deviceId => this.#readOne(deviceId)))
  }

  async #readOne(deviceId: string): Promise<void> {
    const { hub, clock, book, plan, abortSignal } = this.#options
    try {
      const { reported } = await hub.getTwin(deviceId, { abortSignal })
      book.read(sightingOf(plan, deviceId, reported), clock.now())
    } catch (error) {
      // One that is gone leaves the book with the next listing; whatever else it is, there is a next look.
      if (!isHubError(error)) throw error
    }
  }
}
