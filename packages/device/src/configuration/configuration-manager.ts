import type { ConfigurationAcknowledgement } from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import type { BoundConfiguration } from '../implementation/implement.ts'
import { AgentClosedError } from '../operation/operation-errors.ts'
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
  /** An acknowledgement changed. */
  readonly onChange: () => void
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
        new ConfigurationSection({ ...options, name, configuration, closing: this.#closing.signal }),
      ]),
    )
  }

  /** What is to be reported, by configuration; undefined is to be removed. Of what is left out nothing is known yet. */
  acknowledgements(): ReadonlyMap<string, ConfigurationAcknowledgement | undefined> {
    return new Map(
      [...this.#sections].flatMap(([name, { acknowledged }]) =>
        acknowledged === undefined ? [] : [[name, acknowledged.acknowledgement] as const],
      ),
    )
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
