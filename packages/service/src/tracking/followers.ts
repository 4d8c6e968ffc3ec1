import type { JsonObject } from '@iothub-dm/protocol'
import type { AwaitedOperation, ReportedListener } from './operation-tracker.ts'

interface Follower {
  readonly listener: ReportedListener
  readonly awaited: AwaitedOperation | undefined
}

/** Who follows which device, and whether for every change or for the end of one operation. */
export class Followers {
  readonly #byDevice = new Map<string, Set<Follower>>()

  /** @returns takes it out again */
  add(deviceId: string, listener: ReportedListener, awaited: AwaitedOperation | undefined): () => void {
    const follower = { listener, awaited }
    const followers = this.#byDevice.get(deviceId) ?? new Set<Follower>()
    this.#byDevice.set(deviceId, followers.add(follower))
    return () => {
      followers.delete(follower)
      if (followers.size === 0 && this.#byDevice.get(deviceId) === followers) this.#byDevice.delete(deviceId)
    }
  }

  /** How many devices are followed. */
  get devices(): number {
    return this.#byDevice.size
  }

  /** The devices of which somebody wants every change. */
  get changing(): readonly string[] {
    return [...this.#byDevice.keys()].filter(deviceId => this.wantsChanges(deviceId))
  }

  /** The operations whose end somebody awaits, each once. */
  get awaited(): readonly AwaitedOperation[] {
    const operations = new Map<string, AwaitedOperation>()
    for (const followers of this.#byDevice.values()) {
      for (const { awaited } of followers) {
        if (awaited !== undefined) operations.set(`${awaited.actionName} ${awaited.operationId}`, awaited)
      }
    }
    return [...operations.values()]
  }

  wantsChanges(deviceId: string): boolean {
    return [...(this.#byDevice.get(deviceId) ?? [])].some(({ awaited }) => awaited === undefined)
  }

  /** Tells those who await the end of an operation that it is there; whoever wants every change learns of it elsewhere. */
  tellEnd(deviceId: string, operationId: string, reported: JsonObject): void {
    for (const { listener, awaited } of this.#byDevice.get(deviceId) ?? []) {
      if (awaited?.operationId === operationId) listener.onReported(reported)
    }
  }
}
