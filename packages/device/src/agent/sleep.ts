import type { Clock } from '../connection/clock.ts'

/**
 * Waits on an injected clock.
 *
 * @param delayInMs how long, in milliseconds
 * @param signal rejects with its reason when it is aborted
 */
export function sleep(clock: Clock, delayInMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = () => {
      cancel()
      reject(signal.reason)
    }
    const cancel = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, delayInMs)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
