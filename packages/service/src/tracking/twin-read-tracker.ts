import { isIotHubDmError } from '@iothub-dm/protocol'
import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { IotHub } from '../hub/iot-hub.ts'
import type { OperationTracker, ReportedListener } from './operation-tracker.ts'

const maxBackOffInMs = 30_000

interface WatchedDevice {
  readonly listeners: Set<ReportedListener>
  readonly abort: AbortController
  failures: number
  cancelTimer: CancelTimeout | undefined
}

/**
 * Follows devices by reading their twins, one read an interval for each device that somebody follows, however many operations of it
 * are followed. A read is always fresh, unlike a query.
 */
export class TwinReadTracker implements OperationTracker {
  readonly #hub: IotHub
  readonly #clock: Clock
  readonly #intervalInMs: number
  readonly #devices = new Map<string, WatchedDevice>()

  /** @param intervalInMs time between two reads of a twin, in milliseconds */
  constructor(hub: IotHub, clock: Clock, intervalInMs: number) {
    this.#hub = hub
    this.#clock = clock
    this.#intervalInMs = intervalInMs
  }

  watch(deviceId: string, listener: ReportedListener): () => void {
    const device = this.#devices.get(deviceId) ?? this.#begin(deviceId)
    device.listeners.add(listener)
    return () => {
      device.listeners.delete(listener)
      if (device.listeners.size === 0) this.#end(deviceId, device)
    }
  }

  close(): void {
    for (const [deviceId, device] of this.#devices) this.#end(deviceId, device)
  }

  #begin(deviceId: string): WatchedDevice {
    const device: WatchedDevice = {
      listeners: new Set(),
      abort: new AbortController(),
      failures: 0,
      cancelTimer: undefined,
    }
    this.#devices.set(deviceId, device)
    this.#readLater(deviceId, device, 0)
    return device
  }

  #end(deviceId: string, device: WatchedDevice): void {
    device.abort.abort()
    device.cancelTimer?.()
    if (this.#devices.get(deviceId) === device) this.#devices.delete(deviceId)
  }

  #readLater(deviceId: string, device: WatchedDevice, delayInMs: number): void {
    device.cancelTimer = this.#clock.setTimeout(() => {
      this.#read(deviceId, device).catch((error: unknown) => this.#giveUp(deviceId, device, error))
    }, delayInMs)
  }

  async #read(deviceId: string, device: WatchedDevice): Promise<void> {
    const abortSignal = device.abort.signal
    try {
      const { reported } = await this.#hub.getTwin(deviceId, { abortSignal })
      device.failures = 0
      for (const listener of device.listeners) listener.onReported(reported)
      if (!abortSignal.aborted) this.#readLater(deviceId, device, this.#intervalInMs)
    } catch (error) {
      if (abortSignal.aborted) return
      if (!isIotHubDmError(error) || !error.retryable) throw error
      device.failures += 1
      const asked = isHubError(error) ? (error.retryAfterInMs ?? 0) : 0
      const backOffInMs = Math.min(this.#intervalInMs * 2 ** device.failures, maxBackOffInMs)
      this.#readLater(deviceId, device, Math.max(asked, backOffInMs))
    }
  }

  #giveUp(deviceId: string, device: WatchedDevice, error: unknown): void {
    this.#end(deviceId, device)
    for (const listener of device.listeners) listener.onError(error)
  }
}
