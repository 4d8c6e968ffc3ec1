interface Waiter<TMessage> {
  readonly matches: (message: TMessage) => boolean
  readonly resolve: (message: TMessage) => void
  readonly reject: (reason: unknown) => void
}

/** Messages that arrive at any time and are taken out at any time, each once. */
export class Mailbox<TMessage> {
  readonly #messages: TMessage[] = []
  readonly #waiters = new Set<Waiter<TMessage>>()
  #closed: { readonly reason: unknown } | undefined

  put(message: TMessage): void {
    for (const waiter of this.#waiters) {
      if (!waiter.matches(message)) continue
      this.#waiters.delete(waiter)
      waiter.resolve(message)
      return
    }
    this.#messages.push(message)
  }

  /** Takes the oldest message that matches, or waits for one. */
  take<TTaken extends TMessage>(matches: (message: TMessage) => message is TTaken): Promise<TTaken>
  take(matches: (message: TMessage) => boolean): Promise<TMessage>
  async take(matches: (message: TMessage) => boolean): Promise<TMessage> {
    const index = this.#messages.findIndex(matches)
    const [found] = index === -1 ? [] : this.#messages.splice(index, 1)
    if (found !== undefined) return found
    if (this.#closed !== undefined) throw this.#closed.reason
    return new Promise((resolve, reject) => this.#waiters.add({ matches, resolve, reject }))
  }

  /** Rejects whoever waits, now and from now on. */
  close(reason: unknown): void {
    this.#closed ??= { reason }
    for (const { reject } of this.#waiters) reject(reason)
    this.#waiters.clear()
  }
}
