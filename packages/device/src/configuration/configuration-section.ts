import { type ConfigurationAcknowledgement, isIotHubDmError, validate } from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import type { BoundConfiguration } from '../implementation/implement.ts'
import { acknowledge } from './acknowledge.ts'
import type { ConfigurationRun, ConfigurationState } from './configuration-state.ts'
import type { ConfigurationStore } from './configuration-store.ts'
import { type ConfigurationVerdict, type DesiredConfiguration, digestDesired, judge } from './configuration-verdict.ts'

/** What a {@link ConfigurationSection} works with. */
export interface ConfigurationSectionOptions {
  readonly name: string
  readonly configuration: BoundConfiguration
  readonly store: ConfigurationStore
  readonly clock: Clock
  /** Waits; rejects with the signal's reason when it is aborted. */
  readonly sleep: (delayInMs: number, signal: AbortSignal) => Promise<void>
  /** Runs of the handler for one version that may be cut off. */
  readonly maxAttempts: number
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
  /** The acknowledgement changed. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

/** A handler that takes longer is acknowledged in between, with 202. */
const acceptedAfterInMs = 1_000
const writeRetryDelays = { firstInMs: 1_000, maxInMs: 60_000 }

type RunVerdict = Extract<ConfigurationVerdict, { kind: 'run' }>

/** One configuration: applies the newest desired value, one run of its handler at a time, and knows its acknowledgement. */
export class ConfigurationSection {
  readonly #options: ConfigurationSectionOptions
  #desired: DesiredConfiguration | undefined
  #acknowledged: { readonly acknowledgement: ConfigurationAcknowledgement | undefined } | undefined
  #busy = false
  #working: Promise<void> = Promise.resolve()
  #running: { readonly digest: string; readonly abort: AbortController } | undefined

  constructor(options: ConfigurationSectionOptions) {
    this.#options = options
  }

  /** What is to be reported; undefined before anything is known. An acknowledgement that is undefined is to be removed. */
  get acknowledged(): { readonly acknowledgement: ConfigurationAcknowledgement | undefined } | undefined {
    return this.#acknowledged
  }

  /** Sets what is desired; what was desired before and was not begun is passed over. */
  want(desired: DesiredConfiguration): void {
    if (this.#options.closing.aborted) return
    this.#desired = desired
    if (this.#running !== undefined && this.#running.digest !== digestDesired(desired.value)) {
      this.#running.abort.abort(new DOMException('a newer value is waiting', 'AbortError'))
    }
    if (!this.#busy) this.#working = this.#work(desired)
  }

  /** Resolves when no handler is at work. */
  async settled(): Promise<void> {
    await this.#working
  }

  async #work(first: DesiredConfiguration): Promise<void> {
    this.#busy = true
    const { name, store, configuration, closing } = this.#options
    for (let desired = first; !closing.aborted; desired = this.#desired ?? desired) {
      const verdict = this.#judge(desired)
      if (verdict.kind === 'run') {
        await this.#run(desired, verdict)
        continue
      }
      this.#tell(acknowledge(desired, verdict, store.get(name), configuration.defaults))
      if (desired === this.#desired) break
    }
    this.#busy = false
  }

  #judge(desired: DesiredConfiguration): ConfigurationVerdict {
    const { name, configuration, store, maxAttempts, onError } = this.#options
    try {
      return judge(name, configuration.definition, desired, store.get(name), maxAttempts)
    } catch (error) {
      onError(error)
      return { kind: 'failed', detail: 'the schema of the configuration failed' }
    }
  }

  async #run(desired: DesiredConfiguration, verdict: RunVerdict): Promise<void> {
    const { name, configuration, store, clock } = this.#options
    const before = store.get(name)
    const run = { version: desired.version, digest: verdict.digest, attempt: verdict.attempt }
    // Counted before anything that could crash the device.
    if (!(await this.#remember({ applied: before.applied, run: { ...run, outcome: 'begun' } }))) return
    const cancelAccepted = clock.setTimeout(
      () => this.#tell(acknowledge(desired, verdict, before, configuration.defaults)),
      acceptedAfterInMs,
    )
    const after = await this.#handle(desired, verdict, before, run)
    cancelAccepted()
    await this.#remember(after)
  }

  /** Runs the handler; returns what is to be remembered then. */
  async #handle(
    { value, version }: DesiredConfiguration,
    verdict: RunVerdict,
    before: ConfigurationState,
    run: Omit<ConfigurationRun, 'outcome'>,
  ): Promise<ConfigurationState> {
    const { configuration, closing, onError } = this.#options
    const abort = new AbortController()
    const onClose = () => abort.abort(closing.reason)
    closing.addEventListener('abort', onClose)
    if (closing.aborted) onClose()
    this.#running = { digest: run.digest, abort }
    try {
      const previous = this.#outputOf(before)
      await configuration.handle(verdict.value, { previous, version, attempt: run.attempt, signal: abort.signal })
      return { applied: value === undefined ? undefined : { value, version }, run: { ...run, outcome: 'applied' } }
    } catch (error) {
      // The next life does it again, and this one does not count: it was ended in good order.
      if (closing.aborted) return before
      if (error !== abort.signal.reason) onError(error)
      // The text of a foreign exception may hold a secret.
      const detail = 'the handler of the configuration failed'
      return { applied: before.applied, run: { ...run, outcome: 'failed', detail } }
    } finally {
      closing.removeEventListener('abort', onClose)
      this.#running = undefined
    }
  }

  /** What is in use, as the handler sees it; undefined when it breaks the schema of the software now running. */
  #outputOf({ applied }: ConfigurationState): unknown {
    if (applied === undefined) return undefined
    const { name, configuration } = this.#options
    try {
      const validation = validate(configuration.definition.schema, applied.value, `configuration '${name}'`)
      return validation.valid ? validation.value : undefined
    } catch {
      return undefined
    }
  }

  /**
   * Makes a state durable, however long the disk fails.
   *
   * @returns false when the agent closed first
   */
  async #remember(state: ConfigurationState): Promise<boolean> {
    const { name, store, closing, sleep, onError } = this.#options
    for (let delayInMs = writeRetryDelays.firstInMs; ; delayInMs = Math.min(2 * delayInMs, writeRetryDelays.maxInMs)) {
      try {
        await store.record(name, state)
        return true
      } catch (error) {
        if (closing.aborted) return false
        onError(error)
        if (!isIotHubDmError(error, 'PersistenceFailed')) return false
      }
      await sleep(delayInMs, closing).catch(() => {})
    }
  }

  #tell(acknowledgement: ConfigurationAcknowledgement | undefined): void {
    this.#acknowledged = { acknowledgement }
    this.#options.onChange()
  }
}
