import type { ConfigurationAcknowledgement } from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import type { ConfirmationProof } from '../implementation/handlers.ts'
import type { BoundConfiguration } from '../implementation/implement.ts'
import { AgentClosedError } from '../operation/operation-errors.ts'
import type { ConfigurationReport } from './acknowledge.ts'
import { ConfigurationSection } from './configuration-section.ts'
import type { ConfigurationStore } from './configuration-store.ts'
import type { DesiredNews } from './desired-follower.ts'
import type { DesiredProperties } from './desired-state.ts'

/** What a {@link ConfigurationManager} works with. */
export interface ConfigurationManagerOptions {
  readonly configurations: ReadonlyMap<string, BoundConfiguration>
  readonly store: ConfigurationStore
  readonly clock: Clock
  /** Waits; rejects with the signal's reason when it is aborted. */
  readonly sleep: (delayInMs: number, signal: AbortSignal) => Promise<void>
  /** Runs of a handler for one version that may be cut off. */
  readonly maxAttempts: number
  /** Has the hub called, so that it can confirm a value on trial: see {@link ConfigurationManager.callBegan}. */
  readonly callHub: (proof: ConfirmationProof) => void
  /** There may be something to report. */
  readonly onChange: () => void
  /** What became of a configuration changed. Default: nobody is told. */
  readonly onAcknowledged?:
    | ((name: string, acknowledgement: ConfigurationAcknowledgement | undefined) => void)
    | undefined
  readonly onError: (error: unknown) => void
}

/** Has every configuration applied. */
export class ConfigurationManager {
  readonly #sections: ReadonlyMap<string, ConfigurationSection>
  readonly #closing = new AbortController()

  constructor(options: ConfigurationManagerOptions) {
    this.#sections = new Map(
      [...options.configurations].map(([name, configuration]) => [
        name,
        new ConfigurationSection({
          ...options,
          name,
          configuration,
          closing: this.#closing.signal,
          onAcknowledged(acknowledgement, isNew) {
            options.onChange()
            if (isNew) options.onAcknowledged?.(name, acknowledgement)
          },
        }),
      ]),
    )
  }

  /** What is to be reported, by configuration; undefined is to be removed. Of what is left out nothing is known yet. */
  acknowledgements(): ReadonlyMap<string, ConfigurationReport | undefined> {
    return new Map(
      [...this.#sections].flatMap(([name, { acknowledged }]) =>
        acknowledged === undefined ? [] : [[name, acknowledged.acknowledgement] as const],
      ),
    )
  }

  /** Goes on with the values that an earlier life has left on trial. */
  resume(): void {
    for (const section of this.#sections.values()) section.resume()
  }

  /** A session with the hub began. */
  sessionBegan(): void {
    for (const { trial } of this.#sections.values()) trial?.sessionBegan()
  }

  /**
   * A call to the hub begins.
   *
   * @returns to be called when the hub has answered it: it was reached with all values that were on trial when the call began
   */
  callBegan(): () => void {
    const trials = [...this.#sections.values()].flatMap(({ trial }) => (trial?.counts === true ? [trial] : []))
    return () => {
      for (const trial of trials) trial.confirm()
    }
  }

  /** The desired properties changed, or were read. */
  desiredChanged(news: DesiredNews): void {
    for (const name of this.#sections.keys()) {
      // A section that is named is acknowledged at this version, also with the value that it has already.
      if (news.kind === 'read' || Object.hasOwn(news.patch, name)) this.#want(name, news.desired)
    }
  }

  /** Ends this life of every handler. Resolves when they have returned. */
  async close(): Promise<void> {
    this.#closing.abort(new AgentClosedError())
    await Promise.all([...this.#sections.values()].map(section => section.settled()))
  }

  #want(name: string, { properties, version }: DesiredProperties): void {
    const value = Object.hasOwn(properties, name) ? properties[name] : undefined
    this.#sections.get(name)?.want({ value, version })
  }
}
