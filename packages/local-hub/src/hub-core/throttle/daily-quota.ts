/** Counts billed messages by the day, UTC. */
export class DailyQuota {
  readonly #messagesPerDay: number
  #day = 0
  #used = 0

  constructor(messagesPerDay: number) {
    this.#messagesPerDay = messagesPerDay
  }

  get messagesPerDay(): number {
    return this.#messagesPerDay
  }

  /** How many messages were used on the day of this moment. */
  usedAt(nowInMs: number): number {
    return this.#day === dayOf(nowInMs) ? this.#used : 0
  }

  isExhaustedAt(nowInMs: number): boolean {
    return this.usedAt(nowInMs) >= this.#messagesPerDay
  }

  use(messages: number, nowInMs: number): void {
    this.#used = this.usedAt(nowInMs) + messages
    this.#day = dayOf(nowInMs)
  }
}

function dayOf(timeInMs: number): number {
  return Math.floor(timeInMs / 86_400_000)
}
