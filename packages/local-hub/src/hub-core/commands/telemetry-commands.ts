import type { HubState } from '../hub-state.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'

/** Device-to-cloud messages: accepted and announced; the local hub has no event endpoint to read them from. */
export class TelemetryCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  /** @param propertyBag the message properties as sent, percent-encoded `key=value` pairs joined with `&`. */
  receive(key: IdentityKey, payload: Uint8Array, propertyBag: string): void {
    this.#state.sessions.touch(key)
    this.#state.events.emit({ type: 'telemetryReceived', ...identityName(key), payload, propertyBag })
  }
}
