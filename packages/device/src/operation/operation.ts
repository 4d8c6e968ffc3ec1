import type { ActionDefinition, ActionRequestOutput, ErrorCodeOf, PhaseOf } from '@iothub-dm/protocol'

/** Given to the function of a step. */
export interface StepContext {
  /** Which try it is: 1, and one more each time that it is begun again, after a crash in the middle or because it threw. */
  readonly attempt: number
  readonly signal: AbortSignal
}

/** Options of {@link Operation.step}. */
export interface StepOptions {
  /**
   * What happens to a step that was cut off in the middle by a crash: `always` runs it again, `never` throws
   * `StepInterrupted`, so that the handler decides. Default: `always`.
   */
  readonly repeat?: 'always' | 'never' | undefined
}

/** Options of {@link Operation.restart}. */
export interface RestartOptions {
  /** How long the restart may take to end this life of the program, in milliseconds. Default: 300,000 (five minutes). */
  readonly timeoutInMs?: number | undefined
}

/**
 * One run of an action, as its handler sees it. The handler is a plain function that reads straight through a restart: after
 * a crash or a reboot it runs again from the top, `step` gives back what was done already, and `restart` returns once the
 * device has come back. What stands outside a step is repeated in every life.
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
  /** The validated request. */
  readonly request: ActionRequestOutput<TAction>
  /** Which life of the handler it is: 1, and one more after every restart or crash. */
  readonly attempt: number
  /**
   * Aborted when the operation is cancelled or the agent closes; `step` and `restart` then throw its reason. A cancelled
   * operation that was cut off runs once more with its signal aborted, to wind up.
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
   * @param name what to find it by again; each step of an operation has its own
   * @param run the work; what it returns must be JSON of at most 64 KiB
   * @throws StepInterruptedError with `repeat: 'never'`, when the step was cut off in the middle
   * @throws TypeError when a name is used twice, or the result is not JSON
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
   * @throws whatever `run` throws
   */
  restart(run: () => unknown, options?: RestartOptions): Promise<void>

  /**
   * Ends the operation as failed with one of the action's own codes.
   *
   * @param code one of the contract's `errors`
   * @param detail for people, at most 128 characters; it goes into the twin, so it must not hold a secret
   */
  fail(code: ErrorCodeOf<TAction>, detail?: string): never
}
