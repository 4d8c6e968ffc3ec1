/** Lets any number of waiters wait for the next change. */
export class ChangeSignal {
  #waiters = new Set<() => void>()

  /** Wakes everybody who waits. */
  notify(): void {
    const waiters = this.#waiters
    this.#waiters = new Set()
    for (const wake of waiters) wake()
  }

  /** Resolves at the next change; rejects with the reason of the signal when it is aborted first. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const onAbort = () => {
        this.#waiters.delete(onChange)
        reject(signal?.reason)
      }
      const onChange = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#waiters.add(onChange)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
