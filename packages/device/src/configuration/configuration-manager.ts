import type { ConfigurationAcknowledgement, JsonObject } from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import type { DeviceTwin } from '../connection/hub-connection.ts'
import type { BoundConfiguration } from '../implementation/implement.ts'
import { AgentClosedError } from '../operation/operation-errors.ts'
import { ConfigurationSection } from './configuration-section.ts'
import type { ConfigurationStore } from './configuration-store.ts'
import { beginRead, beginSession, type DesiredProperties, receivePatch, receiveRead } from './desired-state.ts'

/** What a {@link ConfigurationManager} works with. */
export interface ConfigurationManagerOptions {
  readonly configurations: ReadonlyMap<string, BoundConfiguration>
  readonly store: ConfigurationStore
  readonly clock: Clock
  /** Waits; rejects with the signal's reason when it is aborted. */
  readonly sleep: (delayInMs: number, signal: AbortSignal) => Promise<void>
  /** Runs of a handler for one version that may be cut off. */
  readonly maxAttempts: number
  /** Has the twin read: see {@link ConfigurationManager.readBegan}. */
  readonly readTwin: () => void
  /** An acknowledgement changed. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

/** Follows the desired properties, and has every configuration applied. */
export class ConfigurationManager {
  readonly #options: ConfigurationManagerOptions
  readonly #sections: ReadonlyMap<string, ConfigurationSection>
  readonly #closing = new AbortController()
  #desired = beginSession()

  constructor(options: ConfigurationManagerOptions) {
    this.#options = options
    this.#sections = new Map(
      [...options.configurations].map(([name, configuration]) => [
        name,
        new ConfigurationSection({ ...options, name, configuration, closing: this.#closing.signal }),
      ]),
    )
  }

  /** The device's own copy of the desired properties; undefined before the first read. */
  get desired(): DesiredProperties | undefined {
    return this.#desired.known
  }

  /** What is to be reported, by configuration; undefined is to be removed. Of what is left out nothing is known yet. */
  acknowledgements(): ReadonlyMap<string, ConfigurationAcknowledgement | undefined> {
    return new Map(
      [...this.#sections].flatMap(([name, { acknowledged }]) =>
        acknowledged === undefined ? [] : [[name, acknowledged.acknowledgement] as const],
      ),
    )
  }

  /** A session with the hub began; a read of the twin is to follow. */
  sessionBegan(): void {
    this.#desired = beginSession(this.#desired)
  }

  /** A read of the twin begins. It ends with {@link readEnded}, or with another beginning. */
  readBegan(): void {
    this.#desired = beginRead(this.#desired)
  }

  /** The twin was read. */
  readEnded({ desired: properties, desiredVersion: version }: DeviceTwin): void {
    this.#desired = receiveRead(this.#desired, { properties, version })
    if (this.#desired.reading) this.#options.readTwin()
    for (const name of this.#sections.keys()) this.#want(name)
  }

  /** A patch of the desired properties came in. */
  patchReceived(patch: JsonObject, version: number): void {
    // Nothing follows the desired properties.
    if (this.#sections.size === 0) return
    const before = this.#desired
    this.#desired = receivePatch(before, { patch, version })
    if (this.#desired.reading && !before.reading) this.#options.readTwin()
    if (this.#desired.known === before.known) return
    // A section that is named is acknowledged at this version, also with the value that it has already.
    for (const name of this.#sections.keys()) if (Object.hasOwn(patch, name)) this.#want(name)
  }

  /** Ends this life of every handler. Resolves when they have returned. */
  async close(): Promise<void> {
    this.#closing.abort(new AgentClosedError())
    await Promise.all([...this.#sections.values()].map(section => section.settled()))
  }

  #want(name: string): void {
    const known = this.#desired.known
    if (known === undefined) return
    const value = Object.hasOwn(known.properties, name) ? known.properties[name] : undefined
    this.#sections.get(name)?.want({ value, version: known.version })
  }
}
