import { type ActionDefinition, type ErrorCodeOf, type PhaseOf, redactText } from '@iothub-dm/protocol'
import { Deferrer } from './deferrer.ts'
import { type Life, logOf } from './life.ts'
import type { LiveRequest } from './live-request.ts'
import type { DeferOptions, FailOptions, Operation, RestartOptions, StepContext, StepOptions } from './operation.ts'
import { OperationCancelledError, OperationFailedError, type OperationFailedOptions } from './operation-errors.ts'
import { Restarter } from './restarter.ts'
import { StepRunner } from './step-runner.ts'

/** What {@link OperationRun} is made of. */
export interface OperationRunOptions {
  readonly life: Life
  readonly definition: ActionDefinition
  readonly request: LiveRequest
}

/** One life of a handler: the `op` that it is given. Every call goes through the journal before it has an effect. */
export class OperationRun implements Operation {
  readonly operationId: string
  readonly attempt: number
  readonly signal: AbortSignal
  readonly #life: Life
  readonly #definition: ActionDefinition
  readonly #request: LiveRequest
  readonly #steps: StepRunner
  readonly #restarts: Restarter
  readonly #deferrals: Deferrer
  /** The phase that this life is in, which may lie behind the one that an earlier life has reported. */
  #phase = 'running'
  #writeFailure: { readonly reason: unknown } | undefined
  #lastWrite: Promise<void> = Promise.resolve()

  constructor({ life, definition, request }: OperationRunOptions) {
    this.operationId = life.operationId
    this.attempt = logOf(life).record.attempt
    this.signal = life.signal
    this.#life = life
    this.#definition = definition
    this.#request = request
    this.#steps = new StepRunner(life)
    this.#restarts = new Restarter(life)
    this.#deferrals = new Deferrer(life)
  }

  get request(): unknown {
    return this.#request.value
  }

  get identityEpoch(): number {
    return this.#life.environment.identityEpoch?.() ?? 0
  }

  phase(phase: PhaseOf<ActionDefinition>): void {
    if (!this.#definition.phases.includes(phase)) {
      throw new TypeError(`phase: expected one of ${this.#definition.phases.join(', ')}, got '${phase}'`)
    }
    this.#phase = phase
    const event = { type: 'phase', phase, time: this.#life.environment.timestamp() } as const
    this.#write(this.#life.store.record({ type: 'event', operationId: this.operationId, event }))
  }

  progress(percent: number, detail?: string): void {
    if (!(percent >= 0 && percent <= 100)) throw new RangeError(`percent: expected 0 to 100, got ${percent}`)
    const time = this.#life.environment.timestamp()
    const more = detail === undefined ? {} : { detail: this.#redact(detail) }
    const event = { type: 'progress', percent, phase: this.#phase, time, ...more } as const
    this.#write(this.#life.store.showProgress(this.operationId, event))
  }

  step<TResult>(
    name: string,
    run: (context: StepContext) => TResult | Promise<TResult>,
    options?: StepOptions,
  ): Promise<TResult>
  step(name: string, run: (context: StepContext) => unknown, options: StepOptions = {}): Promise<unknown> {
    return this.#inTurn(() => this.#steps.run(name, run, options))
  }

  restart(run: () => unknown, options: RestartOptions = {}): Promise<void> {
    return this.#inTurn(() => this.#restarts.run(run, options))
  }

  deferUntil(time: Date, detail?: string, options: DeferOptions = {}): Promise<void> {
    const text = detail === undefined ? detail : this.#redact(detail)
    return this.#inTurn(() => this.#deferrals.run(time, text, options))
  }

  pointOfNoReturn(): Promise<void> {
    return this.#inTurn(async () => {
      const { operationId, store } = this.#life
      const log = await store.record({ type: 'pointOfNoReturn', operationId })
      // The signal follows as soon as the request to cancel is durable.
      if (!log.pointOfNoReturn) throw new OperationCancelledError()
    })
  }

  requestRenewed(): Promise<void> {
    return handled(this.#request.renewed(this.signal))
  }

  fail(code: ErrorCodeOf<ActionDefinition>, detail: string = code, options: FailOptions = {}): never {
    throw this.#failure(code, detail, { ...options, state: 'failed' })
  }

  reject(code: ErrorCodeOf<ActionDefinition>, detail: string = code, options: FailOptions = {}): never {
    throw this.#failure(code, detail, { ...options, state: 'rejected' })
  }

  /** Resolves when what `phase` and `progress` began is written; rejects when the disk failed. */
  async settled(): Promise<void> {
    await this.#lastWrite
    if (this.#writeFailure !== undefined) throw this.#writeFailure.reason
  }

  /** A step that must not be repeated, was cut off in an earlier life, and was not asked for in this one. */
  missingStep(): string | undefined {
    return this.#steps.missing()
  }

  /** Begins something once what was reported before is written, unless the operation is to end. */
  #inTurn<TResult>(act: () => Promise<TResult>): Promise<TResult> {
    const ready = async () => {
      await this.settled()
      this.signal.throwIfAborted()
    }
    return handled(ready().then(act))
  }

  #failure(code: string, detail: string, options: OperationFailedOptions): OperationFailedError {
    if (!this.#definition.errors.includes(code)) {
      throw new TypeError(`code: expected one of ${this.#definition.errors.join(', ')}, got '${code}'`)
    }
    return new OperationFailedError(code, this.#redact(detail), options)
  }

  #redact(text: string): string {
    return redactText(text, this.#life.secrets())
  }

  /** `phase` and `progress` do not wait; what failed comes out at the next step, or at the end. */
  #write(write: Promise<unknown>): void {
    this.#lastWrite = write.then(nothing, (reason: unknown) => {
      this.#writeFailure ??= { reason }
    })
  }
}

/** A handler that does not wait for what it began must not end the process with an unhandled rejection. */
function handled<TResult>(promise: Promise<TResult>): Promise<TResult> {
  promise.catch(nothing)
  return promise
}

function nothing(): void {}
