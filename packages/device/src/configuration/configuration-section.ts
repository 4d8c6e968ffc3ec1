import { isDeepStrictEqual } from 'node:util'
import { type Clock, longestTimeoutInMs } from '../connection/clock.ts'
import type { ConfirmationProof } from '../implementation/handlers.ts'
import type { BoundConfiguration } from '../implementation/implement.ts'
import { acknowledge, type ConfigurationReport } from './acknowledge.ts'
import { type ConfigurationCall, type ConfigurationCallEnd, callConfiguration } from './call-configuration.ts'
import type { ConfigurationRun, ConfigurationState, ConfigurationTrial } from './configuration-state.ts'
import type { ConfigurationStore } from './configuration-store.ts'
import { type ConfigurationVerdict, type DesiredConfiguration, digestDesired, judge } from './configuration-verdict.ts'
import { putBack } from './put-back.ts'
import { rememberState } from './remember-state.ts'
import { TrialWait } from './trial-wait.ts'

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
  /** Has the hub called, so that it can confirm a value on trial. */
  readonly callHub: (proof: ConfirmationProof) => void
  /** What is to be reported is known; `isNew` tells whether it differs from what was told before. */
  readonly onAcknowledged: (acknowledgement: ConfigurationReport | undefined, isNew: boolean) => void
  readonly onError: (error: unknown) => void
}

/** A handler that takes longer is acknowledged in between, with 202. */
const acceptedAfterInMs = 1_000

type RunVerdict = Extract<ConfigurationVerdict, { kind: 'run' }>

/** One configuration: applies the newest desired value, one run of its handler at a time, and knows its acknowledgement. */
export class ConfigurationSection {
  readonly #options: ConfigurationSectionOptions
  #desired: DesiredConfiguration | undefined
  #acknowledged: { readonly acknowledgement: ConfigurationReport | undefined } | undefined
  #busy = false
  #working: Promise<void> = Promise.resolve()
  #running: { readonly digest: string; readonly abort: AbortController } | undefined
  #trial: TrialWait | undefined

  constructor(options: ConfigurationSectionOptions) {
    this.#options = options
  }

  /** What is to be reported; undefined before anything is known. An acknowledgement that is undefined is to be removed. */
  get acknowledged(): { readonly acknowledgement: ConfigurationReport | undefined } | undefined {
    return this.#acknowledged
  }

  /** The value that waits for the hub to confirm it. */
  get trial(): Pick<TrialWait, 'counts' | 'confirm' | 'sessionBegan'> | undefined {
    return this.#trial
  }

  /** Goes on with a value that an earlier life has left on trial: its time runs out without a hub too. */
  resume(): void {
    if (this.#options.store.get(this.#options.name).trial !== undefined) this.#start()
  }

  /** Sets what is desired; what was desired before and was not begun is passed over. */
  want(desired: DesiredConfiguration): void {
    if (this.#options.closing.aborted) return
    this.#desired = desired
    if (this.#running !== undefined && this.#running.digest !== digestDesired(desired.value)) {
      this.#running.abort.abort(new DOMException('a newer value is waiting', 'AbortError'))
    }
    const { run } = this.#state
    // It was cut off in its handler. What is desired is known again, so that it can be done again instead of waiting for its end.
    if (run?.outcome === 'begun') this.#trial?.confirm()
    if (!this.#busy) this.#start()
  }

  /** Resolves when no handler is at work. */
  async settled(): Promise<void> {
    await this.#working
  }

  get #state(): ConfigurationState {
    return this.#options.store.get(this.#options.name)
  }

  #start(): void {
    this.#busy = true
    this.#working = this.#work()
  }

  async #work(): Promise<void> {
    while (await this.#goOn());
  }

  /**
   * Does the next thing.
   *
   * @returns false when there is nothing to do; in that very turn it is busy no longer, so that what is wanted then starts it again
   */
  async #goOn(): Promise<boolean> {
    const { closing, configuration } = this.#options
    const desired = this.#desired
    const { trial, run } = this.#state
    const open = trial === undefined || run === undefined ? undefined : { trial, run }
    if (closing.aborted) {
      this.#busy = false
    } else if (open !== undefined && (open.run.outcome === 'onTrial' || desired === undefined)) {
      await this.#decide(open.trial, open.run)
    } else if (desired === undefined) {
      this.#busy = false
    } else {
      const verdict = this.#judge(desired)
      if (verdict.kind === 'run') {
        await this.#run(desired, verdict)
      } else if (open !== undefined) {
        // It was cut off in its handler, and is not wanted any more.
        await this.#putBack(open.trial, open.run)
      } else {
        this.#tell(acknowledge(desired, verdict, this.#state, configuration.defaults))
        this.#busy = desired !== this.#desired
      }
    }
    return this.#busy
  }

  #judge(desired: DesiredConfiguration): ConfigurationVerdict {
    const { name, configuration, maxAttempts, onError } = this.#options
    try {
      return judge(name, configuration.definition, desired, this.#state, maxAttempts)
    } catch (error) {
      onError(error)
      return { kind: 'failed', detail: 'the schema of the configuration failed' }
    }
  }

  async #run(desired: DesiredConfiguration, verdict: RunVerdict): Promise<void> {
    const { configuration, clock } = this.#options
    const before = this.#state
    const { value, version } = desired
    const run = { version, digest: verdict.digest, attempt: verdict.attempt }
    // Counted before anything that could crash the device, and with its end: it may never hear of a hub again.
    const begun = { applied: before.applied, run: { ...run, outcome: 'begun' }, ...this.#newTrial(desired) } as const
    if (!(await this.#remember(begun))) return
    const cancelAccepted = clock.setTimeout(
      () => this.#tell(acknowledge(desired, verdict, before, configuration.defaults)),
      acceptedAfterInMs,
    )
    const end = await this.#call(run.digest, {
      desired: verdict.value,
      previous: before.applied?.value,
      version,
      attempt: run.attempt,
      isPutBack: false,
    })
    if (end === 'applied') {
      const applied = value === undefined ? undefined : { value, version }
      const onTrial = this.#newTrial(desired)
      await this.#remember(
        onTrial.trial === undefined
          ? { applied, run: { ...run, outcome: 'applied' } }
          : { applied: before.applied, run: { ...run, outcome: 'onTrial' }, ...onTrial },
      )
      const { trial, run: newest } = this.#state
      if (trial !== undefined && newest?.outcome === 'onTrial') await this.#decide(trial, newest)
    } else if (end === 'closing') {
      // The next life does it again, and this one does not count: it was ended in good order.
      await this.#remember(
        begun.trial === undefined ? before : { ...begun, run: { ...begun.run, attempt: run.attempt - 1 } },
      )
    } else {
      // The text of a foreign exception may hold a secret.
      const detail = 'the handler of the configuration failed'
      await this.#remember({ applied: before.applied, run: { ...run, outcome: 'failed', detail } })
    }
    cancelAccepted()
  }

  #newTrial({ value, version }: DesiredConfiguration): Pick<ConfigurationState, 'trial'> {
    const { configuration, clock } = this.#options
    const { confirmWithinInMs } = configuration
    if (confirmWithinInMs === undefined) return {}
    const deadline = new Date(clock.now() + confirmWithinInMs).toISOString()
    return { trial: { ...(value === undefined ? {} : { value }), version, deadline, putBacks: 0 } }
  }

  /** Keeps a value on trial once the hub has been reached, and puts it back when its time is over. */
  async #decide(trial: ConfigurationTrial, run: ConfigurationRun): Promise<void> {
    const { configuration, clock, closing, callHub } = this.#options
    const { confirmWithinInMs = longestTimeoutInMs } = configuration
    // A clock that was set back must not make the trial longer than it was to be.
    const timeoutInMs = Math.min(Math.max(0, Date.parse(trial.deadline) - clock.now()), confirmWithinInMs)
    const needsSession = configuration.confirmBy === 'newSession' && run.outcome === 'onTrial'
    this.#trial = new TrialWait({ clock, closing, timeoutInMs, needsSession })
    if (run.outcome === 'onTrial') callHub(configuration.confirmBy)
    const end = await this.#trial.end
    this.#trial = undefined
    if (end === 'timeOver') {
      await this.#putBack(trial, run)
    } else if (end === 'confirmed' && run.outcome === 'onTrial') {
      const { value, version } = trial
      const applied = value === undefined ? undefined : { value, version }
      await this.#remember({ applied, run: { ...run, outcome: 'applied' } })
    }
  }

  #putBack(trial: ConfigurationTrial, run: ConfigurationRun): Promise<void> {
    // It is not given up for a newer value: that one comes next.
    const call = (one: ConfigurationCall): Promise<ConfigurationCallEnd> => this.#call(undefined, one)
    return putBack({ ...this.#options, call }, this.#state.applied, trial, run)
  }

  /** @param digest of the desired value, for which it is given up when it is no longer desired */
  async #call(digest: string | undefined, call: ConfigurationCall): Promise<ConfigurationCallEnd> {
    const abort = new AbortController()
    if (digest !== undefined) this.#running = { digest, abort }
    try {
      return await callConfiguration(this.#options, call, abort)
    } finally {
      this.#running = undefined
    }
  }

  #remember(state: ConfigurationState): Promise<boolean> {
    return rememberState(this.#options, state)
  }

  #tell(acknowledgement: ConfigurationReport | undefined): void {
    const isNew = !isDeepStrictEqual(this.#acknowledged?.acknowledgement, acknowledgement)
    this.#acknowledged = { acknowledgement }
    this.#options.onAcknowledged(acknowledgement, isNew)
  }
}
