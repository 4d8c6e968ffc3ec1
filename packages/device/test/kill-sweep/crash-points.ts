/** Test support: the points at which the process of a device can be killed, counted from 1. */
export class CrashPoints {
  /** The points that were passed so far. */
  readonly passed: string[] = []
  readonly #killAt: number

  /** @param killAt the point at which the process dies by SIGKILL; 0: none */
  constructor(killAt: number) {
    this.#killAt = killAt
  }

  /** Passes a point, or dies there. */
  reach(point: string): void {
    this.passed.push(point)
    if (this.passed.length !== this.#killAt) return
    process.kill(process.pid, 'SIGKILL')
    for (;;); // nothing must happen until the signal arrives
  }
}
