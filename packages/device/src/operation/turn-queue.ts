/** A place in a {@link TurnQueue}; disposing of it gives it up. */
export interface Turn extends Disposable {
  /** Who is first in the queue; undefined when this one is. */
  readonly ahead: string | undefined
  /** Resolves once this one is first; rejects with the reason of the signal when it is aborted before. */
  come(signal: AbortSignal): Promise<void>
}

interface Place {
  readonly name: string
  readonly onFirst: Set<() => void>
}

/** Lets one after the other have its turn, in the order in which they have joined. */
export class TurnQueue {
  #places: readonly Place[] = []

  /** @param name for those who wait behind */
  join(name: string): Turn {
    const place: Place = { name, onFirst: new Set() }
    this.#places = [...this.#places, place]
    const first = () => this.#places[0]
    return {
      get ahead() {
        return first() === place ? undefined : first()?.name
      },
      come: signal =>
        new Promise((resolve, reject) => {
          if (first() === place) return resolve()
          if (signal.aborted) return reject(signal.reason)
          const onFirst = () => {
            signal.removeEventListener('abort', onAbort)
            resolve()
          }
          const onAbort = () => {
            place.onFirst.delete(onFirst)
            reject(signal.reason)
          }
          place.onFirst.add(onFirst)
          signal.addEventListener('abort', onAbort, { once: true })
        }),
      [Symbol.dispose]: () => this.#leave(place),
    }
  }

  #leave(place: Place): void {
    const wasFirst = this.#places[0] === place
    this.#places = this.#places.filter(other => other !== place)
    if (wasFirst) for (const tell of this.#places[0]?.onFirst ?? []) tell()
  }
}
