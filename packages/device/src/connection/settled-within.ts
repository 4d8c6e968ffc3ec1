import { type Clock, noTimeout } from './clock.ts'

/** Resolves when the work has ended, well or badly, but no later than after the time. */
export async function settledWithin(work: Promise<unknown>, timeoutInMs: number, clock: Clock): Promise<void> {
  let cancelDeadline = noTimeout
  const deadline = new Promise<void>(resolve => {
    cancelDeadline = clock.setTimeout(resolve, timeoutInMs)
  })
  await Promise.race([work.catch(() => {}), deadline])
  cancelDeadline()
}
