import type { ActionDefinition, ActionRequestOutput, ErrorCodeOf, PhaseOf } from '@iothub-dm/protocol'

/** Given to the function of a step. */
export interface StepContext {
  /** Which try it is: 1, and one more each time that it is begun again, after a crash in the middle or because it threw. */
  readonly attempt: number
  /** Aborted as `op.signal` is, and when the time limit of the step has passed. */
  readonly signal: AbortSignal
}

/** Options of {@link Operation.step}. */
export interface StepOptions {
  /**
   * What happens to a step that was cut off in the middle by a crash: `always` runs it again, `never` throws
   * `StepInterrupted`, so that the handler decides. Default: `always`.
   */
  readonly repeat?: 'always' | 'never' | undefined
  /**
   * Longest time that one try of the step may take, in milliseconds. Then its signal is aborted and `step` throws
   * `StepTimedOutError`, whether or not the function has ended. The time limit of the operation ends a step as well.
   * Default: none.
   */
  readonly timeoutInMs?: number | undefined
  /** The name that an earlier version of the software had for the step: what the journal holds under it counts. */
  readonly formerly?: string | undefined
}

/** Options of {@link Operation.restart}. */
export interface RestartOptions {
  /** How long the restart may take to end this life of the program, in milliseconds. Default: 300,000 (five minutes). */
  readonly timeoutInMs?: number | undefined
  /** What to find the restart by again; a handler that restarts more than once names each one. Default: `restart`. */
  readonly name?: string | undefined
}

/** Options of {@link Operation.fail} and {@link Operation.reject}. */
export interface FailOptions {
  /** Whether the same operation may succeed when it is begun again. Default: false. */
  readonly retryable?: boolean | undefined
}

/** Options of {@link Operation.deferUntil}. */
export interface DeferOptions {
  /** What to find the deferral by again; a handler that defers more than once names each one. Default: `deferUntil`. */
  readonly name?: string | undefined
}

/**
 * One run of an action, as its handler sees it. The handler is a plain function that reads straight through a restart: after
 * a crash or a reboot it runs again from the top, `step` gives back what was done already, `restart` returns once the
 * device has come back, and `deferUntil` once the time has come. What stands outside of these is repeated in every life.
 *
 * Steps, restarts and deferrals are found again **by their names**, also by a newer version of the software: what it has no
 * longer is passed over, what is new is done when it is reached, what was renamed is found by `formerly`.
 *
 * @example
 * ```ts
 * async op => {
 *   await op.step('flush', () => database.flush())   // once done, never repeated
 *   await op.restart(() => exec('systemctl reboot')) // returns in the next boot
 * }
 * ```
 */
export interface Operation<TAction extends ActionDefinition = ActionDefinition> {
  readonly operationId: string
  /** The validated request; its secrets are the newest that came in. */
  readonly request: ActionRequestOutput<TAction>
  /** Which life of the handler it is: 1, and one more after every restart or crash. */
  readonly attempt: number
  /**
   * How many operations that lose data the device has begun in its life, this one among them. It survives them, see `survivalStore`
   * of the agent: what a device has sent before a factory reset is of another epoch.
   */
  readonly identityEpoch: number
  /**
   * Aborted when the operation is cancelled, its time limit has passed, or the agent closes; `step`, `restart` and `deferUntil` then
   * throw its reason. A cancelled operation that was cut off runs once more with its signal aborted, to wind up.
   */
  readonly signal: AbortSignal

  /** Reports that a phase begins, at once. A phase that lies behind already is passed over. */
  phase(phase: PhaseOf<TAction>): void

  /**
   * Reports how far the phase is. Sent at most once per `progressIntervalInMs`, the newest value; never goes back.
   *
   * @param percent 0 to 100
   * @param detail for people, at most 128 characters
   */
  progress(percent: number, detail?: string): void

  /**
   * Runs a part of the work, once: its result is on disk before the promise resolves, and a later life gets it from there.
   * A step that throws is not done: the handler may call it again, and so does the next life.
   *
   * @param name what to find it by again; each step of an operation has its own. At most 1,000 in an operation
   * @param run the work; what it returns must be JSON of at most 64 KiB, without a secret of the request
   * @throws StepInterruptedError with `repeat: 'never'`, when the step was cut off in the middle
   * @throws StepTimedOutError when the time limit of the step has passed
   * @throws TypeError when a name is used twice, or the result is not JSON
   * @example
   * ```ts
   * const sold = await op.step('sell', () => till.sell(item), { repeat: 'never', timeoutInMs: 60_000 })
   * ```
   */
  step<TResult>(
    name: string,
    run: (context: StepContext) => TResult | Promise<TResult>,
    options?: StepOptions,
  ): Promise<TResult>

  /**
   * Restarts the device. The intent is on disk and the report is on its way before `run` is called; the promise resolves in
   * the next boot, proven by a new boot id.
   *
   * @param run what makes the device restart; it may return long before the device goes down
   * @throws RestartNotObservedError when the device is still in the same boot although the restart was made
   * @throws TypeError when a name is used twice
   * @throws whatever `run` throws
   * @example
   * ```ts
   * await op.restart(() => exec('systemctl reboot'), { name: 'into the new slot' })
   * ```
   */
  restart(run: () => unknown, options?: RestartOptions): Promise<void>

  /**
   * Holds the operation in `waiting` until a time, across restarts: the handler does not run again before. The first time that was
   * given counts, so that a handler which works it out anew in every life does not wait for ever. It does not count against
   * the time limit of the operation.
   *
   * @param time when to go on
   * @param detail for people, at most 128 characters. Default: the time
   * @throws TypeError when a name is used twice, or the time is none
   * @example
   * ```ts
   * await op.step('download', () => download(op.request))
   * await op.deferUntil(nextNight(), 'installs at night')
   * await op.restart(() => exec('systemctl reboot'))
   * ```
   */
  deferUntil(time: Date, detail?: string, options?: DeferOptions): Promise<void>

  /**
   * From here on the operation cannot be cancelled: `cancelOperation` is answered with 409 `NotCancellable`, and no other
   * operation replaces it. Durable when it resolves. Its time limit, and the closing of the agent, still abort `signal`.
   *
   * @throws OperationCancelledError when cancelling came first
   * @example
   * ```ts
   * await op.step('verify', () => verify(image))
   * await op.pointOfNoReturn()
   * await op.step('switch slots', () => switchSlots())
   * ```
   */
  pointOfNoReturn(): Promise<void>

  /**
   * Resolves when fresh secrets come in for the operation, see `secrets` of an action; `request` then holds them.
   *
   * @throws the reason of `signal`, when it is aborted first
   * @example
   * ```ts
   * while (!(await download(op.request.url))) await op.requestRenewed() // the URL has expired
   * ```
   */
  requestRenewed(): Promise<void>

  /**
   * Ends the operation as failed with one of the action's own codes.
   *
   * @param code one of the contract's `errors`
   * @param detail for people, at most 128 characters; it goes into the twin, so it must not hold a secret
   */
  fail(code: ErrorCodeOf<TAction>, detail?: string, options?: FailOptions): never

  /**
   * Ends the operation as rejected: the device decides against it, and nothing has been done. Once a step is done or a restart
   * begun, it ends as failed. What was rejected does not count towards the penalty for repeated failure.
   *
   * @param code one of the contract's `errors`
   * @param detail for people, at most 128 characters; it goes into the twin, so it must not hold a secret
   */
  reject(code: ErrorCodeOf<TAction>, detail?: string, options?: FailOptions): never
}
