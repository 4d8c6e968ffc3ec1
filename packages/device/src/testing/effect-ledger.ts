/**
 * How often something may happen to the world in one operation.
 * - `once`: not twice, and in an operation that succeeds not never.
 * - `atMostOnce`: not twice.
 * - `repeatable`: as often as it takes.
 */
export type EffectPromise = 'once' | 'atMostOnce' | 'repeatable'

/** What a handler did to the world. */
export interface RecordedEffect {
  readonly name: string
  readonly promise: EffectPromise
  /** In which life of the device, counted from 1. */
  readonly life: number
}

/** Keeps what the lives of a device did to the world in one operation. */
export class EffectLedger {
  readonly effects: RecordedEffect[] = []

  record(effect: RecordedEffect): void {
    this.effects.push(effect)
  }

  /** The effects that happened more often than they were declared to, with the lives in which they did. */
  repeated(): ReadonlyMap<string, readonly number[]> {
    const lives = new Map<string, number[]>()
    for (const { name, promise, life } of this.effects) {
      if (promise !== 'repeatable') lives.set(name, [...(lives.get(name) ?? []), life])
    }
    return new Map([...lives].filter(([, { length }]) => length > 1))
  }

  /** The names of the effects that were declared to happen once, and did. */
  happenedOnce(): ReadonlySet<string> {
    return new Set(this.effects.filter(({ promise }) => promise === 'once').map(({ name }) => name))
  }
}
