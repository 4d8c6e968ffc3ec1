import type { JsonObject } from '@iothub-dm/protocol'

/** The request of an operation that goes on, whose secrets may be renewed. */
export class LiveRequest {
  #value: unknown
  #secrets: JsonObject
  readonly #waiting = new Set<() => void>()

  /**
   * @param value the validated request, whole
   * @param secrets as they came in
   */
  constructor(value: unknown, secrets: JsonObject) {
    this.#value = value
    this.#secrets = secrets
  }

  get value(): unknown {
    return this.#value
  }

  get secrets(): JsonObject {
    return this.#secrets
  }

  renew(value: unknown, secrets: JsonObject): void {
    this.#value = value
    this.#secrets = secrets
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const tell of waiting) tell()
  }

  /** Resolves at the next renewal; rejects with the reason of the signal. */
  renewed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const tell = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#waiting.delete(tell)
        reject(signal.reason)
      }
      this.#waiting.add(tell)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
