import { longestTimeoutInMs } from '../connection/clock.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'

type Waiting = Pick<RuntimeEnvironment, 'now' | 'sleep'>

/** How often a wait for a time of day looks at the clock, which may have been set in the meantime. */
const lookAgainInMs = 60_000

/**
 * Waits until a time of day. A clock that is set forward ends it within a minute; one that is set back does not make it longer
 * than it was meant to be.
 *
 * @param untilInMs milliseconds since 1970
 * @param longestInMs how long it was meant to be, in milliseconds
 * @param signal rejects with its reason when it is aborted
 */
export async function waitUntil(
  { now, sleep }: Waiting,
  untilInMs: number,
  longestInMs: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  for (let waitedInMs = 0; ; ) {
    const restInMs = Math.min(untilInMs - now(), longestInMs - waitedInMs)
    if (restInMs <= 0) return
    const partInMs = Math.min(restInMs, lookAgainInMs)
    await sleep(partInMs, signal)
    waitedInMs += partInMs
  }
}

/**
 * Waits for a duration, however long: a timer of Node holds at most 24 days.
 *
 * @param signal rejects with its reason when it is aborted
 */
export async function waitFor(
  { sleep }: Pick<Waiting, 'sleep'>,
  durationInMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (let restInMs = durationInMs; restInMs > 0; restInMs -= longestTimeoutInMs) {
    await sleep(Math.min(restInMs, longestTimeoutInMs), signal)
  }
}
