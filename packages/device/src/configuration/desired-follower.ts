import type { JsonObject } from '@iothub-dm/protocol'
import type { DeviceTwin } from '../connection/hub-connection.ts'
import { beginRead, beginSession, type DesiredProperties, receivePatch, receiveRead } from './desired-state.ts'

/** The desired properties changed, or were read. */
export type DesiredNews =
  /** The whole twin was read: every section may have changed. */
  | { readonly kind: 'read'; readonly desired: DesiredProperties; readonly reported: JsonObject }
  /** A patch came in: the sections that it names may have changed. */
  | { readonly kind: 'patch'; readonly desired: DesiredProperties; readonly patch: JsonObject }

/** What a {@link DesiredFollower} works with. */
export interface DesiredFollowerOptions {
  /** Has the twin read: see {@link DesiredFollower.readBegan}. */
  readonly readTwin: () => void
  /** Told of every version that the copy reaches, in order. Must not throw. */
  readonly onNews: (news: DesiredNews) => void
}

/** Follows the desired properties through sessions, reads and patches, and passes on each version once. */
export class DesiredFollower {
  readonly #options: DesiredFollowerOptions
  #state = beginSession()

  constructor(options: DesiredFollowerOptions) {
    this.#options = options
  }

  /** The device's own copy of the desired properties; undefined before the first read. */
  get desired(): DesiredProperties | undefined {
    return this.#state.known
  }

  /** A session with the hub began; a read of the twin is to follow. */
  sessionBegan(): void {
    this.#state = beginSession(this.#state)
  }

  /** A read of the twin begins. It ends with {@link readEnded}, or with another beginning. */
  readBegan(): void {
    this.#state = beginRead(this.#state)
  }

  /** The twin was read. */
  readEnded({ desired: properties, desiredVersion: version, reported }: DeviceTwin): void {
    this.#state = receiveRead(this.#state, { properties, version })
    if (this.#state.reading) this.#options.readTwin()
    const { known } = this.#state
    if (known !== undefined) this.#options.onNews({ kind: 'read', desired: known, reported })
  }

  /** A patch of the desired properties came in. */
  patchReceived(patch: JsonObject, version: number): void {
    const before = this.#state
    this.#state = receivePatch(before, { patch, version })
    const { known, reading } = this.#state
    if (reading && !before.reading) this.#options.readTwin()
    if (known !== undefined && known !== before.known) this.#options.onNews({ kind: 'patch', desired: known, patch })
  }
}
