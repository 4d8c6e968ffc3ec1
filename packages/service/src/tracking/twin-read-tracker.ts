import { isIotHubDmError, type JsonObject } from '@iothub-dm/protocol'
import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { ClientClosedError } from '../errors/client-closed-error.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { TwinCalls } from '../hub/iot-hub.ts'
import { sectionVersion } from '../hub/section-version.ts'
import type { OperationTracker, ReportedListener } from './operation-tracker.ts'

const maxBackOffInMs = 30_000

interface FollowedDevice {
  readonly deviceId: string
  readonly listeners: Set<ReportedListener>
  /** Ends the read under way. */
  readonly abort: AbortController
  /** How many reads have failed since the last good one. */
  failures: number
  /** Undefined while a read is under way. */
  cancelTimer: CancelTimeout | undefined
  /** The `$version` of the reported properties that the listeners know. */
  version: number
}

/**
 * Follows devices by reading their twins, one read an interval for each device that somebody follows, however many operations of it
 * are followed. A read is always fresh, unlike a query.
 */
export class TwinReadTracker implements OperationTracker {
  readonly #hub: Pick<TwinCalls, 'getTwin'>
  readonly #clock: Clock
  readonly #intervalInMs: (devices: number, deviceId: string) => number
  readonly #devices = new Map<string, FollowedDevice>()
  #isClosed = false

  /** @param intervalInMs time between two reads of the twin of a device, in milliseconds, when so many devices are followed */
  constructor(
    hub: Pick<TwinCalls, 'getTwin'>,
    clock: Clock,
    intervalInMs: (devices: number, deviceId: string) => number,
  ) {
    this.#hub = hub
    this.#clock = clock
    this.#intervalInMs = intervalInMs
  }

  watch(deviceId: string, listener: ReportedListener): () => void {
    return this.#watch(deviceId, listener, true)
  }

  /** As `watch`, but the device is read when it is its turn, and not at once: somebody else tells of the change that matters. */
  watchLazily(deviceId: string, listener: ReportedListener): () => void {
    return this.#watch(deviceId, listener, false)
  }

  /** The devices that somebody follows. */
  get deviceIds(): readonly string[] {
    return [...this.#devices.keys()]
  }

  /**
   * Takes reported properties that were come by in another way. Those that are no newer than what the listeners know are passed
   * over: a query may lag behind the reads.
   */
  offer(deviceId: string, reported: JsonObject): void {
    const device = this.#devices.get(deviceId)
    // Before its first read a device is not known well enough to tell what is old.
    if (device === undefined || device.version === unknownVersion || sectionVersion(reported) <= device.version) return
    device.version = sectionVersion(reported)
    for (const listener of device.listeners) listener.onReported(reported)
  }

  /** Reads a device that somebody follows now, and not when it is its turn. */
  readSoon(deviceId: string): void {
    const device = this.#devices.get(deviceId)
    if (device !== undefined) this.#readSoon(device)
  }

  /**
   * Sets anew when each device is read, since the interval is another one now: anywhere within it, so that they do not come all at once.
   *
   * @param random gives numbers from 0 up to 1
   */
  reschedule(random: () => number): void {
    for (const device of this.#devices.values()) {
      if (device.cancelTimer === undefined || device.failures > 0) continue
      device.cancelTimer()
      this.#readLater(device, random() * this.#intervalOf(device))
    }
  }

  close(): void {
    this.#isClosed = true
    for (const device of this.#devices.values()) this.#giveUp(device, new ClientClosedError())
  }

  #watch(deviceId: string, listener: ReportedListener, isUrgent: boolean): () => void {
    const followed = this.#devices.get(deviceId)
    if (followed !== undefined && isUrgent) this.#readSoon(followed)
    const device = followed ?? this.#begin(deviceId, isUrgent)
    device.listeners.add(listener)
    return () => {
      device.listeners.delete(listener)
      if (device.listeners.size === 0) this.#end(device)
    }
  }

  #begin(deviceId: string, isUrgent: boolean): FollowedDevice {
    const device: FollowedDevice = {
      deviceId,
      listeners: new Set(),
      abort: new AbortController(),
      failures: 0,
      cancelTimer: undefined,
      version: unknownVersion,
    }
    if (this.#isClosed) {
      queueMicrotask(() => this.#giveUp(device, new ClientClosedError()))
    } else {
      this.#devices.set(deviceId, device)
      this.#readLater(device, isUrgent ? 0 : this.#intervalOf(device))
    }
    return device
  }

  #end(device: FollowedDevice): void {
    device.abort.abort()
    device.cancelTimer?.()
    if (this.#devices.get(device.deviceId) === device) this.#devices.delete(device.deviceId)
  }

  #giveUp(device: FollowedDevice, error: unknown): void {
    this.#end(device)
    for (const listener of device.listeners) listener.onError(error)
  }

  /** Brings the next read forward for somebody who joins, unless the hub is to be spared. */
  #readSoon(device: FollowedDevice): void {
    if (device.cancelTimer === undefined || device.failures > 0) return
    device.cancelTimer()
    this.#readLater(device, 0)
  }

  #readLater(device: FollowedDevice, delayInMs: number): void {
    device.cancelTimer = this.#clock.setTimeout(() => {
      device.cancelTimer = undefined
      void this.#read(device)
    }, delayInMs)
  }

  async #read(device: FollowedDevice): Promise<void> {
    const abortSignal = device.abort.signal
    const audience = new Set(device.listeners)
    let reported: JsonObject
    try {
      ;({ reported } = await this.#hub.getTwin(device.deviceId, { abortSignal }))
    } catch (error) {
      if (!abortSignal.aborted) this.#readAgain(device, error)
      return
    }
    if (abortSignal.aborted) return
    device.failures = 0
    device.version = sectionVersion(reported)
    const hasNewcomers = [...device.listeners].some(listener => !audience.has(listener))
    this.#readLater(device, hasNewcomers ? 0 : this.#intervalOf(device))
    for (const listener of audience) if (device.listeners.has(listener)) listener.onReported(reported)
  }

  #readAgain(device: FollowedDevice, error: unknown): void {
    if (!isIotHubDmError(error) || !error.retryable) {
      this.#giveUp(device, error)
      return
    }
    device.failures += 1
    const asked = isHubError(error) ? (error.retryAfterInMs ?? 0) : 0
    const intervalInMs = this.#intervalOf(device)
    const backOffInMs = Math.min(intervalInMs * 2 ** device.failures, maxBackOffInMs)
    // An interval longer than the longest back-off stays the pause.
    this.#readLater(device, Math.max(asked, backOffInMs, intervalInMs))
  }

  #intervalOf({ deviceId }: FollowedDevice): number {
    return this.#intervalInMs(this.#devices.size, deviceId)
  }
}

const unknownVersion = -1
