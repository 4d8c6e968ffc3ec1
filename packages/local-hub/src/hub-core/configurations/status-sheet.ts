import type { IdentityKey } from '../identity/identity-key.ts'
import type { ConfigurationStatus, TwinStatuses } from './twin-statuses.ts'

const noStatuses: TwinStatuses = new Map()

/** What an evaluation finds: the status of every configuration on every twin that it targets. */
export class StatusSheet {
  readonly #statuses = new Map<IdentityKey, Map<string, ConfigurationStatus>>()

  note(key: IdentityKey, configurationId: string, status: ConfigurationStatus): void {
    const statuses = this.#statuses.get(key) ?? new Map<string, ConfigurationStatus>()
    this.#statuses.set(key, statuses.set(configurationId, status))
  }

  of(key: IdentityKey): TwinStatuses {
    return this.#statuses.get(key) ?? noStatuses
  }
}
