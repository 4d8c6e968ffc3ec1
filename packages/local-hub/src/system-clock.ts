import type { Clock } from './hub-core/clock/clock.ts'

/** The longest delay a timer of Node.js takes; a longer one would fire at once. */
const maxDelayInMs = 2 ** 31 - 1

/** Real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delayInMs) => {
    let timer: NodeJS.Timeout
    const arm = (remainingInMs: number): void => {
      const step = Math.min(remainingInMs, maxDelayInMs)
      timer = setTimeout(() => (remainingInMs > step ? arm(remainingInMs - step) : callback()), step)
    }
    arm(delayInMs)
    return (): void => clearTimeout(timer)
  },
}
