import { type ActionDefinition, type ErrorCodeOf, type JsonValue, type PhaseOf, toJson } from '@iothub-dm/protocol'
import { longestTimeoutInMs } from '../connection/clock.ts'
import type { RestartProgress } from './journal-entry.ts'
import type { Operation, RestartOptions, StepContext, StepOptions } from './operation.ts'
import { OperationFailedError, RestartNotObservedError, StepInterruptedError } from './operation-errors.ts'
import type { OperationLog } from './operation-log.ts'
import type { OperationStore } from './operation-store.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'

const maxStepResultBytes = 64 * 1024
const restartDefaults = { timeoutInMs: 300_000 }
/** An operation that restarts the device more often than this is a loop. */
const maxRestarts = 10

/** What {@link OperationRun} is made of. */
export interface OperationRunOptions {
  readonly log: OperationLog
  readonly definition: ActionDefinition
  readonly request: unknown
  readonly signal: AbortSignal
  readonly store: OperationStore
  readonly environment: RuntimeEnvironment
}

/** One life of a handler: the `op` that it is given. Every call goes through the journal before it has an effect. */
export class OperationRun implements Operation {
  readonly operationId: string
  readonly request: unknown
  readonly attempt: number
  readonly signal: AbortSignal
  readonly #definition: ActionDefinition
  readonly #store: OperationStore
  readonly #environment: RuntimeEnvironment
  /** The steps of this life, and what became of them. */
  readonly #steps = new Map<string, 'begun' | 'done' | 'threw'>()
  /** The phase that this life is in, which may lie behind the one that an earlier life has reported. */
  #phase = 'running'
  #restarts = 0
  #writeFailure: { readonly reason: unknown } | undefined
  #lastWrite: Promise<void> = Promise.resolve()

  constructor(options: OperationRunOptions) {
    this.operationId = options.log.operationId
    this.attempt = options.log.record.attempt
    this.request = options.request
    this.signal = options.signal
    this.#definition = options.definition
    this.#store = options.store
    this.#environment = options.environment
  }

  phase(phase: PhaseOf<ActionDefinition>): void {
    if (!this.#definition.phases.includes(phase)) {
      throw new TypeError(`phase: expected one of ${this.#definition.phases.join(', ')}, got '${phase}'`)
    }
    this.#phase = phase
    const event = { type: 'phase', phase, time: this.#environment.timestamp() } as const
    this.#write(this.#store.record({ type: 'event', operationId: this.operationId, event }))
  }

  progress(percent: number, detail?: string): void {
    if (!(percent >= 0 && percent <= 100)) throw new RangeError(`percent: expected 0 to 100, got ${percent}`)
    const time = this.#environment.timestamp()
    const more = detail === undefined ? {} : { detail }
    const event = { type: 'progress', percent, phase: this.#phase, time, ...more } as const
    this.#write(this.#store.showProgress(this.operationId, event))
  }

  step<TResult>(
    name: string,
    run: (context: StepContext) => TResult | Promise<TResult>,
    options?: StepOptions,
  ): Promise<TResult>
  async step(name: string, run: (context: StepContext) => unknown, options: StepOptions = {}): Promise<unknown> {
    await this.#ready()
    const known = this.#log.steps.get(name)
    const sameLife = this.#steps.get(name)
    if (sameLife === 'begun' || sameLife === 'done') {
      throw new TypeError(`step '${name}' was used twice; each step of an operation needs its own name`)
    }
    if (known?.done === true) {
      this.#steps.set(name, 'done')
      return known.result
    }
    if (known !== undefined && sameLife === undefined && options.repeat === 'never')
      throw new StepInterruptedError(name)
    this.#steps.set(name, 'begun')
    try {
      const result = await this.#runStep(name, run)
      this.#steps.set(name, 'done')
      return result
    } catch (error) {
      this.#steps.set(name, 'threw')
      throw error
    }
  }

  async #runStep(name: string, run: (context: StepContext) => unknown): Promise<JsonValue | undefined> {
    const { operationId, signal } = this
    const { steps } = await this.#store.record({ type: 'stepBegun', operationId, step: name })
    const value = await run({ attempt: steps.get(name)?.begun ?? 1, signal })
    const result = value === undefined ? {} : { result: toJson(value, `result of step '${name}'`) }
    const bytes = Buffer.byteLength(JSON.stringify(result))
    if (bytes > maxStepResultBytes) {
      throw new RangeError(`result of step '${name}': expected at most ${maxStepResultBytes} bytes, got ${bytes}`)
    }
    await this.#store.record({ type: 'stepDone', operationId, step: name, ...result })
    return result.result
  }

  async restart(run: () => unknown, options: RestartOptions = {}): Promise<void> {
    const { timeoutInMs = restartDefaults.timeoutInMs } = options
    if (!(Number.isInteger(timeoutInMs) && timeoutInMs >= 1 && timeoutInMs <= longestTimeoutInMs)) {
      throw new RangeError(`timeoutInMs: expected an integer from 1 to ${longestTimeoutInMs}, got ${timeoutInMs}`)
    }
    await this.#ready()
    const index = this.#restarts++
    const known = this.#log.restarts[index]
    if (known !== undefined) {
      if (known.progress === 'observed') return
      if (known.progress === 'notObserved') throw new RestartNotObservedError()
      if (known.bootId !== this.#environment.bootId) return this.#recordRestart(index, 'observed')
      if (known.progress === 'begun') return this.#giveUpRestart(index)
    }
    if (index >= maxRestarts) throw new RangeError(`restart: expected at most ${maxRestarts} in one operation`)
    await this.#recordRestart(index, 'intended')
    await this.#environment.flushReports()
    this.signal.throwIfAborted()
    await this.#recordRestart(index, 'begun')
    try {
      await run()
    } catch (error) {
      await this.#recordRestart(index, 'notObserved')
      throw error
    }
    await this.#environment.sleep(timeoutInMs, this.signal)
    return this.#giveUpRestart(index)
  }

  fail(code: ErrorCodeOf<ActionDefinition>, detail: string = code): never {
    if (!this.#definition.errors.includes(code)) {
      throw new TypeError(`code: expected one of ${this.#definition.errors.join(', ')}, got '${code}'`)
    }
    throw new OperationFailedError(code, detail)
  }

  /** Resolves when what `phase` and `progress` began is written; rejects when the disk failed. */
  async settled(): Promise<void> {
    await this.#lastWrite
    if (this.#writeFailure !== undefined) throw this.#writeFailure.reason
  }

  get #log(): OperationLog {
    const log = this.#store.get(this.operationId)
    if (log === undefined) throw new TypeError(`operation '${this.operationId}' is not known`)
    return log
  }

  async #ready(): Promise<void> {
    await this.settled()
    this.signal.throwIfAborted()
  }

  /** `phase` and `progress` do not wait; what failed comes out at the next step, or at the end. */
  #write(write: Promise<unknown>): void {
    this.#lastWrite = write.then(nothing, (reason: unknown) => {
      this.#writeFailure ??= { reason }
    })
  }

  async #recordRestart(index: number, progress: RestartProgress): Promise<void> {
    const { operationId } = this
    const { bootId } = this.#environment
    const time = this.#environment.timestamp()
    await this.#store.record({ type: 'restart', operationId, index, progress, bootId, time })
  }

  async #giveUpRestart(index: number): Promise<never> {
    await this.#recordRestart(index, 'notObserved')
    throw new RestartNotObservedError()
  }
}

function nothing(): void {}
