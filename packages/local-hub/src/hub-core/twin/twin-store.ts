import { HubError } from '../error/hub-error.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'
import { newTwin, type Twin } from './twin.ts'

/** The twins of all identities. */
export class TwinStore {
  readonly #twins: Map<IdentityKey, Twin>

  /** @param twins where they are kept. */
  constructor(twins: Map<IdentityKey, Twin> = new Map()) {
    this.#twins = twins
  }

  create(key: IdentityKey): void {
    this.#twins.set(key, newTwin)
  }

  /** @throws HubError `DeviceNotFound` (404). */
  get(key: IdentityKey): Twin {
    const twin = this.#twins.get(key)
    if (twin === undefined) throw new HubError('DeviceNotFound', identityName(key).deviceId)
    return twin
  }

  find(key: IdentityKey): Twin | undefined {
    return this.#twins.get(key)
  }

  entries(): Iterable<[IdentityKey, Twin]> {
    return this.#twins.entries()
  }

  set(key: IdentityKey, twin: Twin): void {
    this.#twins.set(key, twin)
  }

  delete(key: IdentityKey): void {
    this.#twins.delete(key)
  }
}
