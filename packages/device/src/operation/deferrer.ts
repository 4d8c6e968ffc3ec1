import { checkName, type Life, logOf } from './life.ts'
import type { DeferOptions } from './operation.ts'
import type { Deferral } from './operation-log.ts'
import { waitUntil } from './waiting.ts'

/** The deferrals of one life of a handler. */
export class Deferrer {
  readonly #life: Life
  /** The deferrals that this life has asked for. */
  readonly #asked = new Set<string>()

  constructor(life: Life) {
    this.#life = life
  }

  /** See `Operation.deferUntil`. */
  async run(time: Date, detail: string | undefined, { name = 'deferUntil' }: DeferOptions): Promise<void> {
    if (Number.isNaN(time.getTime())) throw new TypeError('time: expected a valid Date, got an invalid one')
    checkName(this.#life, 'deferral', name)
    if (this.#asked.has(name)) {
      throw new TypeError(`deferral '${name}' was used twice; a handler that defers more than once names each deferral`)
    }
    this.#asked.add(name)
    const { operationId, store, environment, signal } = this.#life
    const { deferrals, record } = logOf(this.#life)
    // A life begins only after the deferral that was in force.
    if (deferrals.has(name) || time.getTime() <= environment.now()) return
    const until = time.toISOString()
    const entry = { type: 'deferred', operationId, name, until, detail: detail ?? `goes on at ${until}` } as const
    const { deferral } = await store.record({ ...entry, time: environment.timestamp() })
    if (deferral !== undefined) await waitOut(deferral, environment, signal)
    const event = { type: 'started', attempt: record.attempt, time: environment.timestamp() } as const
    await store.record({ type: 'event', operationId, event })
  }
}

/** Waits for the end of a deferral; never longer than it was when it was made. */
export function waitOut(deferral: Deferral, environment: Life['environment'], signal: AbortSignal): Promise<void> {
  const until = Date.parse(deferral.until)
  return waitUntil(environment, until, until - Date.parse(deferral.since), signal)
}
