import type { Clock } from './clock.ts'

/** Waits for a time; rejects with the reason when the signal is aborted first, or the client closed that the clock belongs to. */
export function delay(clock: Clock, delayInMs: number, abortSignal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const signals = [abortSignal, clock.closing].filter(signal => signal !== undefined)
    for (const signal of signals) signal.throwIfAborted()
    const finish = (): void => {
      cancel()
      for (const signal of signals) signal.removeEventListener('abort', onAbort)
    }
    const onAbort = (event: Event): void => {
      finish()
      reject(event.target instanceof AbortSignal ? event.target.reason : undefined)
    }
    const cancel = clock.setTimeout(() => {
      finish()
      resolve()
    }, delayInMs)
    for (const signal of signals) signal.addEventListener('abort', onAbort)
  })
}
