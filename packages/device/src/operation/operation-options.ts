import { longestTimeoutInMs } from '../connection/clock.ts'
import { checkWhenBusy } from '../implementation/check-when-busy.ts'
import type { WhenBusy } from '../implementation/handlers.ts'
import type { Penalty } from './penalty.ts'
import { maxQueuedShown } from './shown-operation.ts'

/** The options of a device agent that are about its operations. */
export interface OperationOptions {
  /**
   * Lives of a handler that may pass without a step done or a restart begun, before the operation is given up with
   * `TooManyAttempts`. A life that ends because the agent is closed does not count.
   *
   * @default 3
   */
  readonly maxAttempts?: number | undefined
  /**
   * What happens to a request for an operation while another one is under way, where the handler of the action does not say.
   *
   * @default 'refuse'
   */
  readonly whenBusy?: WhenBusy | undefined
  /**
   * How many operations may wait for the one that is under way, at most 20. A request beyond is refused with 429, `TooManyRequests`.
   *
   * @default 10
   */
  readonly maxQueuedOperations?: number | undefined
  /**
   * When an action that fails again and again is refused for a while, with 429, `TooManyFailures`, so that a back end that asks for
   * it over and over does not wear the device out. Holds across restarts. `false`: never.
   *
   * @default 10 failures in a row within 10 minutes: refused for 10 minutes
   */
  readonly penalty?: Penalty | false | undefined
  /**
   * Time limit of an operation, in milliseconds, from when its handler first begins, across restarts, where the handler of the
   * action does not say.
   *
   * @default none
   */
  readonly operationTimeoutInMs?: number | undefined
  /**
   * How long a token is good with which the device was armed for a request that loses data, in milliseconds.
   *
   * @default 300_000
   */
  readonly armingTimeoutInMs?: number | undefined
  /**
   * How long a handler may take to end once it is cancelled or its time limit has passed, in milliseconds. Then its operation is
   * over all the same: no handler holds the device for ever.
   *
   * @default 30_000
   */
  readonly windUpTimeoutInMs?: number | undefined
}

/** The defaults of {@link OperationOptions}. */
export const operationDefaults = {
  maxAttempts: 3,
  whenBusy: 'refuse',
  maxQueuedOperations: 10,
  penalty: { failures: 10, periodInMs: 600_000, durationInMs: 600_000 },
  armingTimeoutInMs: 300_000,
  windUpTimeoutInMs: 30_000,
} as const

/** {@link OperationOptions} with a value for each. */
export interface OperationSettings {
  readonly maxAttempts: number
  readonly whenBusy: WhenBusy
  readonly maxQueuedOperations: number
  readonly penalty: Penalty | undefined
  readonly operationTimeoutInMs: number | undefined
  readonly armingTimeoutInMs: number
  readonly windUpTimeoutInMs: number
}

/** Fills in the defaults. */
export function withOperationDefaults(options: OperationOptions): OperationSettings {
  const { penalty = operationDefaults.penalty } = options
  return {
    maxAttempts: options.maxAttempts ?? operationDefaults.maxAttempts,
    whenBusy: options.whenBusy ?? operationDefaults.whenBusy,
    maxQueuedOperations: options.maxQueuedOperations ?? operationDefaults.maxQueuedOperations,
    penalty: penalty === false ? undefined : penalty,
    operationTimeoutInMs: options.operationTimeoutInMs,
    armingTimeoutInMs: options.armingTimeoutInMs ?? operationDefaults.armingTimeoutInMs,
    windUpTimeoutInMs: options.windUpTimeoutInMs ?? operationDefaults.windUpTimeoutInMs,
  }
}

/** @throws TypeError or RangeError that names the option, what was expected, and what came */
export function checkOperationOptions(options: OperationOptions): void {
  checkInteger('maxAttempts', options.maxAttempts, 1)
  checkWhenBusy('whenBusy', options.whenBusy)
  // Their ids stand in the twin.
  checkInteger('maxQueuedOperations', options.maxQueuedOperations, 0, maxQueuedShown)
  checkInteger('operationTimeoutInMs', options.operationTimeoutInMs, 1)
  checkInteger('armingTimeoutInMs', options.armingTimeoutInMs, 1)
  checkInteger('windUpTimeoutInMs', options.windUpTimeoutInMs, 0)
  const { penalty } = options
  if (penalty === undefined || penalty === false) return
  if (typeof penalty !== 'object' || penalty === null) {
    throw new TypeError(`penalty: expected false or an object, got ${JSON.stringify(penalty)}`)
  }
  // The journal remembers 100 operations; of more failures it would not know.
  checkInteger('penalty.failures', penalty.failures, 1, 100)
  checkInteger('penalty.periodInMs', penalty.periodInMs, 1)
  checkInteger('penalty.durationInMs', penalty.durationInMs, 1)
}

/** @throws RangeError that names the option */
export function checkInteger(
  name: string,
  value: number | undefined,
  min: number,
  max: number = longestTimeoutInMs,
): void {
  if (value === undefined) return
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name}: expected an integer from ${min} to ${max}, got ${value}`)
  }
}
