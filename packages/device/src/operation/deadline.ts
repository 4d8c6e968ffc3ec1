import type { RuntimeEnvironment } from './runtime-environment.ts'
import { waitFor } from './waiting.ts'

/** A signal that is aborted with another one, and after a time. Its time runs on, however the clock is set. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
}

/**
 * Starts a deadline inside another one: it never outlives its parent.
 *
 * @param parent aborts the deadline with its own reason
 * @param timeoutInMs in milliseconds; undefined: only the parent counts
 * @param reason what the signal is aborted with when the time is over
 */
export function startDeadline(
  environment: Pick<RuntimeEnvironment, 'sleep'>,
  parent: AbortSignal,
  timeoutInMs: number | undefined,
  reason: () => Error,
): Deadline {
  const deadline = new AbortController()
  const over = new AbortController()
  const onParent = () => deadline.abort(parent.reason)
  if (parent.aborted) onParent()
  else parent.addEventListener('abort', onParent, { once: true })
  if (timeoutInMs !== undefined && timeoutInMs <= 0) deadline.abort(reason())
  else if (timeoutInMs !== undefined) {
    waitFor(environment, timeoutInMs, over.signal).then(
      () => deadline.abort(reason()),
      () => {},
    )
  }
  return {
    signal: deadline.signal,
    [Symbol.dispose]() {
      parent.removeEventListener('abort', onParent)
      over.abort()
    },
  }
}

/** Rejects with the reason of a signal; never resolves. */
export function rejection(signal: AbortSignal): Promise<never> {
  const rejected = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // Whoever races against it may have ended before.
  rejected.catch(() => {})
  return rejected
}
