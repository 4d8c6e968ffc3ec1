import { sleep } from '../agent/sleep.ts'
import type { EffectLedger, EffectPromise } from './effect-ledger.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import type { SimulatedLife } from './simulated-life.ts'

/**
 * The device that a handler under test runs on, one for each of its lives. What the handler does to the world goes through it, so that the
 * kit can cut it off before and after, and count what was done twice.
 */
export interface SimulatedDevice {
  /** Which life it is, counted from 1. */
  readonly life: number
  readonly bootId: string

  /**
   * Does something that must happen once in an operation: a second time is a violation, and so is an operation that succeeds without it
   * although it does it when nobody disturbs it.
   *
   * @param name what to call it in the report
   * @param act what is done; it counts from the moment at which it begins. Left out: nothing but the count
   * @example
   * ```ts
   * await op.step('open valve', () => device.once('open valve'), { repeat: 'never' })
   * ```
   */
  once(name: string): Promise<void>
  once<TResult>(name: string, act: () => TResult | Promise<TResult>): Promise<TResult>
  /** Does something that must not happen twice in an operation. See {@link once}. */
  atMostOnce(name: string): Promise<void>
  atMostOnce<TResult>(name: string, act: () => TResult | Promise<TResult>): Promise<TResult>
  /** Does something that may be repeated. See {@link once}. */
  repeatable(name: string): Promise<void>
  repeatable<TResult>(name: string, act: () => TResult | Promise<TResult>): Promise<TResult>

  /** Restarts the device: this life is over, and the next one begins in another boot. Give it to `op.restart`. */
  restart(): Promise<never>

  /** Waits on the simulated clock, which goes on when there is nothing else to do. */
  sleep(delayInMs: number, abortSignal?: AbortSignal): Promise<void>
  /** The time of the simulated clock, in milliseconds since 1970. */
  now(): number

  /**
   * Something that stands outside of the program and outlives it, such as a simulated pump: made once in a run, and the same in all of its lives.
   * Variables of the handler do not outlive it, as those of a process would not.
   */
  keep<TThing>(name: string, create: () => TThing): TThing
}

/** What a {@link SimulatedDevice} is made of. */
export interface SimulatedDeviceParts {
  readonly life: SimulatedLife
  readonly lifeNumber: number
  readonly bootId: string
  readonly clock: SimulatedClock
  readonly ledger: EffectLedger
  /** What is kept over all lives. */
  readonly kept: Kept
}

/** Makes the device for one life. */
export function simulatedDevice(parts: SimulatedDeviceParts): SimulatedDevice {
  const { life, lifeNumber, bootId, clock, ledger, kept } = parts
  const effect =
    (promise: EffectPromise) =>
    <TResult>(name: string, act?: () => TResult | Promise<TResult>): Promise<TResult | undefined> =>
      life.act(`effect '${name}'`, () => {
        ledger.record({ name, promise, life: lifeNumber })
        return act?.()
      })
  return {
    life: lifeNumber,
    bootId,
    once: effect('once'),
    atMostOnce: effect('atMostOnce'),
    repeatable: effect('repeatable'),
    restart: async () => {
      await life.pass('before the device restarts')
      return life.endWith({ type: 'restarted' })
    },
    sleep: (delayInMs, abortSignal = new AbortController().signal) =>
      life.act(`waiting ${delayInMs} ms`, () => sleep(clock, delayInMs, abortSignal)),
    now: () => clock.now(),
    keep: (name, create) => kept.get(name, create),
  }
}

/** Things by name, each made when it is first asked for. */
export class Kept {
  readonly #things = new Map<string, unknown>()

  get<TThing>(name: string, create: () => TThing): TThing
  get(name: string, create: () => unknown): unknown {
    if (!this.#things.has(name)) this.#things.set(name, create())
    return this.#things.get(name)
  }
}
