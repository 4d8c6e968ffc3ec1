import type { Clock } from './clock.ts'

/** Waits for a time; rejects with the reason of the signal when it is aborted first. */
export function delay(clock: Clock, delayInMs: number, abortSignal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    abortSignal?.throwIfAborted()
    const onAbort = () => {
      cancel()
      reject(abortSignal?.reason)
    }
    const cancel = clock.setTimeout(() => {
      abortSignal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayInMs)
    abortSignal?.addEventListener('abort', onAbort, { once: true })
  })
}
