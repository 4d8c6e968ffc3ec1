import type { RuntimeEnvironment } from './runtime-environment.ts'
import { waitFor } from './waiting.ts'

/** A signal that is aborted with another one, and after a time. Its time runs on, however the clock is set. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
}

/** Options of {@link startDeadline}. */
export interface DeadlineOptions {
  /** Aborts the deadline with its own reason: no deadline outlives the one that it is inside of. */
  readonly parent: AbortSignal
  /** In milliseconds; undefined: only the parent counts. */
  readonly timeoutInMs: number | undefined
  /** What the signal is aborted with when the time is over. */
  readonly reason: () => Error
  /** By how much the time has been made longer so far, in milliseconds. Default: nothing. */
  readonly extendedByInMs?: (() => number) | undefined
}

/** Starts a deadline. It ends when it is disposed of. */
export function startDeadline(environment: Pick<RuntimeEnvironment, 'sleep'>, options: DeadlineOptions): Deadline {
  const { parent, timeoutInMs, reason } = options
  const deadline = new AbortController()
  const disposed = new AbortController()
  const onParent = () => deadline.abort(parent.reason)
  if (parent.aborted) onParent()
  else parent.addEventListener('abort', onParent, { once: true })
  if (timeoutInMs !== undefined && timeoutInMs <= 0) deadline.abort(reason())
  else if (timeoutInMs !== undefined) {
    waitOutTimeout(environment, timeoutInMs, options.extendedByInMs, disposed.signal).then(
      () => deadline.abort(reason()),
      () => {},
    )
  }
  return {
    signal: deadline.signal,
    [Symbol.dispose]() {
      parent.removeEventListener('abort', onParent)
      disposed.abort()
    },
  }
}

async function waitOutTimeout(
  environment: Pick<RuntimeEnvironment, 'sleep'>,
  timeoutInMs: number,
  extendedByInMs: () => number = () => 0,
  signal: AbortSignal,
): Promise<void> {
  let extension = extendedByInMs()
  await waitFor(environment, timeoutInMs, signal)
  for (let added = extendedByInMs() - extension; added > 0; added = extendedByInMs() - extension) {
    extension += added
    await waitFor(environment, added, signal)
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
