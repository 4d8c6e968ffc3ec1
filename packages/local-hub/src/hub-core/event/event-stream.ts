import type { HubEvent } from './hub-event.ts'

/** Receives the hub's events. */
export type HubEventListener = (event: HubEvent) => void

/** Hands events to listeners, in order, as they happen. */
export class EventStream {
  readonly #listeners = new Set<HubEventListener>()

  /** Adds a listener; the function returned removes it. */
  subscribe(listener: HubEventListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  emit(event: HubEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        // The listener's own fault: it must surface, but not in the middle of a command of the hub.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
