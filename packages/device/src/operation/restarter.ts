import type { RestartProgress } from './journal-entry.ts'
import { checkName, type Life, logOf } from './life.ts'
import type { RestartOptions } from './operation.ts'
import { RestartNotObservedError } from './operation-errors.ts'
import { checkTimeout } from './step-runner.ts'

const restartDefaults = { name: 'restart', timeoutInMs: 300_000 }
/** An operation that restarts the device more often than this is a loop. */
const maxRestarts = 10

/** The restarts of one life of a handler. */
export class Restarter {
  readonly #life: Life
  /** The restarts that this life has asked for. */
  readonly #asked = new Set<string>()

  constructor(life: Life) {
    this.#life = life
  }

  /** See `Operation.restart`. */
  async run(run: () => unknown, options: RestartOptions): Promise<void> {
    const { name = restartDefaults.name, timeoutInMs = restartDefaults.timeoutInMs } = options
    checkTimeout(timeoutInMs)
    checkName(this.#life, 'restart', name)
    if (this.#asked.has(name)) {
      throw new TypeError(`restart '${name}' was used twice; a handler that restarts more than once names each restart`)
    }
    this.#asked.add(name)
    const { signal, environment } = this.#life
    const { restarts } = logOf(this.#life)
    const known = restarts.get(name)
    if (known !== undefined) {
      if (known.progress === 'observed') return
      if (known.progress === 'notObserved') throw new RestartNotObservedError()
      if (known.bootId !== environment.bootId) return this.#record(name, 'observed')
      if (known.progress === 'begun') return this.#giveUp(name)
    } else if (restarts.size >= maxRestarts) {
      throw new RangeError(`restart: expected at most ${maxRestarts} in one operation`)
    }
    await this.#record(name, 'intended')
    await environment.flushReports()
    signal.throwIfAborted()
    await this.#record(name, 'begun')
    try {
      await run()
    } catch (error) {
      await this.#record(name, 'notObserved')
      throw error
    }
    await environment.sleep(timeoutInMs, signal)
    return this.#giveUp(name)
  }

  async #record(name: string, progress: RestartProgress): Promise<void> {
    const { operationId, store, environment } = this.#life
    const { bootId } = environment
    await store.record({ type: 'restart', operationId, name, progress, bootId, time: environment.timestamp() })
  }

  async #giveUp(name: string): Promise<never> {
    await this.#record(name, 'notObserved')
    throw new RestartNotObservedError()
  }
}
