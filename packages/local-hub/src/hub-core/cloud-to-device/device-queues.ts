import type { Clock } from '../clock/clock.ts'
import type { SettledMessage } from './cloud-to-device-message.ts'
import { DeviceQueue } from './device-queue.ts'

/** The queues of all devices. Modules have none (wire reference 1.17). */
export class DeviceQueues {
  readonly #clock: Clock
  readonly #onSettled: (settled: SettledMessage) => void
  readonly #queues = new Map<string, DeviceQueue>()
  #lastSequenceNumber = 0

  /** @param onSettled is called once for every message whose life ends, except by {@link close}. */
  constructor(clock: Clock, onSettled: (settled: SettledMessage) => void) {
    this.#clock = clock
    this.#onSettled = onSettled
  }

  nextSequenceNumber(): number {
    this.#lastSequenceNumber += 1
    return this.#lastSequenceNumber
  }

  /** The queue of a device; an empty one that is not kept when it never got a message. */
  of(deviceId: string): DeviceQueue {
    return this.#queues.get(deviceId) ?? this.#newQueue(deviceId)
  }

  /** The queue of a device, kept from now on. */
  open(deviceId: string): DeviceQueue {
    const queue = this.of(deviceId)
    this.#queues.set(deviceId, queue)
    return queue
  }

  /** How many messages wait for a device. */
  countOf(deviceId: string): number {
    return this.#queues.get(deviceId)?.size ?? 0
  }

  delete(deviceId: string): void {
    const queue = this.#queues.get(deviceId)
    this.#queues.delete(deviceId)
    queue?.clear('deviceDeleted')
  }

  /** Stops every timer, because the hub goes away. */
  close(): void {
    for (const queue of this.#queues.values()) queue.close()
    this.#queues.clear()
  }

  #newQueue(deviceId: string): DeviceQueue {
    return new DeviceQueue(this.#clock, (message, outcome) => this.#onSettled({ deviceId, message, outcome }))
  }
}
