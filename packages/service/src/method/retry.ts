import { isIotHubDmError } from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import { delay } from '../clock/delay.ts'
import { checkCount, checkTimeoutInMs } from '../hub/check-arguments.ts'
import { isHubError } from '../hub/hub-error.ts'

/** How a call is tried again that failed for a passing reason. */
export interface RetryOptions {
  /** How often it is tried, the first time included. */
  readonly maxTries: number
  /**
   * Longest pause before the second try, in milliseconds; twice as long before each next one. The pause itself is anything between
   * nothing and that (full jitter), on top of what the hub asks for.
   *
   * @default 1_000
   */
  readonly firstDelayInMs?: number | undefined
  /**
   * Longest pause of all, in milliseconds.
   *
   * @default 30_000
   */
  readonly maxDelayInMs?: number | undefined
}

/** Bounds of a call over all its tries. */
export interface RetryBounds {
  readonly retry?: RetryOptions | undefined
  /** Longest time for everything together, in milliseconds; a pause that would not fit into it is not begun. */
  readonly totalTimeoutInMs?: number | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** What {@link tryRepeatedly} depends on. */
export interface RetryContext {
  readonly clock: Clock
  /** A number from 0 up to 1. */
  readonly random: () => number
}

/**
 * Tries until it succeeds, fails for good, or the bounds are reached.
 *
 * @param isSafe tells of a failure that may pass whether trying again can do no harm
 * @param attempt told how much time is left for it, in milliseconds; undefined: any
 * @throws the failure of the last try, or the reason of the signal
 * @throws TypeError, RangeError for options that are of no use
 */
export async function tryRepeatedly<TValue>(
  { clock, random }: RetryContext,
  { retry, totalTimeoutInMs, abortSignal }: RetryBounds,
  isSafe: (error: unknown) => boolean,
  attempt: (leftInMs: number | undefined) => Promise<TValue>,
): Promise<TValue> {
  const { maxTries = 1, firstDelayInMs = 1_000, maxDelayInMs = 30_000 } = retry ?? {}
  checkCount('retry.maxTries', maxTries, 1)
  checkTimeoutInMs('retry.firstDelayInMs', firstDelayInMs)
  checkTimeoutInMs('retry.maxDelayInMs', maxDelayInMs)
  if (totalTimeoutInMs !== undefined) checkTimeoutInMs('totalTimeoutInMs', totalTimeoutInMs)
  const deadline = totalTimeoutInMs === undefined ? undefined : clock.now() + totalTimeoutInMs
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(deadline === undefined ? undefined : deadline - clock.now())
    } catch (error) {
      if (tries >= maxTries || !isIotHubDmError(error) || !error.retryable || !isSafe(error)) throw error
      const asked = isHubError(error) ? (error.retryAfterInMs ?? 0) : 0
      const pauseInMs = asked + random() * Math.min(maxDelayInMs, firstDelayInMs * 2 ** (tries - 1))
      if (deadline !== undefined && clock.now() + pauseInMs >= deadline) throw error
      await delay(clock, pauseInMs, abortSignal)
    }
  }
}
