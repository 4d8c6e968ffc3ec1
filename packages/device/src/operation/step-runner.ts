import { holdsSecret, type JsonValue, toJson } from '@iothub-dm/protocol'
import { longestTimeoutInMs } from '../connection/clock.ts'
import { rejection, startDeadline } from './deadline.ts'
import { checkName, type Life, logOf } from './life.ts'
import type { StepContext, StepOptions } from './operation.ts'
import { StepInterruptedError, StepTimedOutError } from './operation-errors.ts'
import type { StepLog } from './operation-log.ts'

const maxStepResultBytes = 64 * 1024
/** They are in the journal and in memory while the operation goes on. */
const maxSteps = 1_000

type RunStep = (context: StepContext) => unknown

/** The steps of one life of a handler. */
export class StepRunner {
  readonly #life: Life
  /** The steps that this life has asked for, and what became of them. */
  readonly #asked = new Map<string, 'begun' | 'done' | 'threw'>()

  constructor(life: Life) {
    this.#life = life
  }

  /** See `Operation.step`. */
  async run(name: string, run: RunStep, options: StepOptions): Promise<unknown> {
    checkTimeout(options.timeoutInMs)
    checkName(this.#life, 'step', name)
    const sameLife = this.#asked.get(name)
    if (sameLife === 'begun' || sameLife === 'done') {
      throw new TypeError(`step '${name}' was used twice; each step of an operation needs its own name`)
    }
    const known = this.#find(name, options.formerly)
    if (known?.done === true) {
      this.#asked.set(name, 'done')
      return known.result
    }
    if (known !== undefined && sameLife === undefined && options.repeat === 'never') {
      this.#asked.set(name, 'threw')
      throw new StepInterruptedError(name)
    }
    this.#asked.set(name, 'begun')
    try {
      const result = await this.#attempt(name, run, options)
      this.#asked.set(name, 'done')
      return result
    } catch (error) {
      this.#asked.set(name, 'threw')
      throw error
    }
  }

  /** A step that must not be repeated, was cut off in an earlier life, and was not asked for in this one. */
  missing(): string | undefined {
    const steps = [...logOf(this.#life).steps]
    return steps.find(([name, { once, done }]) => once && !done && !this.#asked.has(name))?.[0]
  }

  #find(name: string, formerly: string | undefined): StepLog | undefined {
    const { steps } = logOf(this.#life)
    if (formerly !== undefined && !steps.has(name) && steps.has(formerly)) {
      this.#asked.set(formerly, 'done')
      return steps.get(formerly)
    }
    return steps.get(name)
  }

  async #attempt(name: string, run: RunStep, options: StepOptions): Promise<JsonValue | undefined> {
    const { operationId, signal, store } = this.#life
    const before = logOf(this.#life).steps
    if (!before.has(name) && before.size >= maxSteps) {
      throw new RangeError(`step '${name}': expected at most ${maxSteps} steps in an operation`)
    }
    const former = options.formerly === undefined ? 0 : (before.get(options.formerly)?.begun ?? 0)
    const once = options.repeat === 'never' ? { once: true as const } : {}
    const { steps } = await store.record({ type: 'stepBegun', operationId, step: name, ...once })
    const attempt = former + (steps.get(name)?.begun ?? 1)
    const value = await this.#within(name, options.timeoutInMs, deadline => run({ attempt, signal: deadline }), signal)
    const result = value === undefined ? {} : { result: this.#toResult(name, value) }
    await store.record({ type: 'stepDone', operationId, step: name, ...result })
    return result.result
  }

  async #within(
    name: string,
    timeoutInMs: number | undefined,
    run: (signal: AbortSignal) => unknown,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (timeoutInMs === undefined) return run(signal)
    const timedOut = new StepTimedOutError(name, timeoutInMs)
    using deadline = startDeadline(this.#life.environment, { parent: signal, timeoutInMs, reason: () => timedOut })
    return await Promise.race([run(deadline.signal), rejection(deadline.signal)])
  }

  #toResult(name: string, value: unknown): JsonValue {
    const item = `result of step '${name}'`
    const result = toJson(value, item)
    const json = JSON.stringify(result)
    const bytes = Buffer.byteLength(json)
    if (bytes > maxStepResultBytes) {
      throw new RangeError(`${item}: expected at most ${maxStepResultBytes} bytes, got ${bytes}`)
    }
    if (holdsSecret(json, this.#life.secrets())) throw new TypeError(`${item}: expected no secret of the request in it`)
    return result
  }
}

/** @throws RangeError naming the option */
export function checkTimeout(timeoutInMs: number | undefined): void {
  if (timeoutInMs === undefined) return
  if (!(Number.isInteger(timeoutInMs) && timeoutInMs >= 1 && timeoutInMs <= longestTimeoutInMs)) {
    throw new RangeError(`timeoutInMs: expected an integer from 1 to ${longestTimeoutInMs}, got ${timeoutInMs}`)
  }
}
