import type { HubState } from '../hub-state.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'
import type { TelemetryMessage } from '../telemetry/telemetry-message.ts'

/** Device-to-cloud messages: accepted and announced; the local hub has no event endpoint to read them from. */
export class TelemetryCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  receive(key: IdentityKey, message: TelemetryMessage): void {
    this.#state.sessions.touch(key)
    this.#state.events.emit({ type: 'telemetryReceived', ...identityName(key), ...message })
  }
}
