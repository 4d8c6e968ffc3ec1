import type { HubState } from '../hub-state.ts'
import type { DeviceIdentity } from '../identity/device-identity.ts'
import { deviceKey } from '../identity/identity-key.ts'
import { maxListedIdentities, type RegistryStatistics } from '../identity/identity-registry.ts'
import { parseIdentityRequest } from '../identity/identity-request.ts'
import { identityView } from '../identity/identity-view.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import type { Precondition } from '../precondition/if-match.ts'
import type { ModuleCommands } from './module-commands.ts'
import type { SessionCommands } from './session-commands.ts'

/** What the service can do with devices. A device, its modules, its twin and its connection live and die together. */
export class IdentityCommands {
  readonly #state: HubState
  readonly #sessions: SessionCommands
  readonly #modules: ModuleCommands

  constructor(state: HubState, sessions: SessionCommands, modules: ModuleCommands) {
    this.#state = state
    this.#sessions = sessions
    this.#modules = modules
  }

  /** Creates without a precondition, updates with one (wire reference 2.5). */
  put(deviceId: string, body: JsonValue | undefined, precondition: Precondition): JsonObject {
    const settings = parseIdentityRequest(body, deviceId, this.#state.random)
    if (precondition.kind === 'none') {
      const device = this.#state.identities.create(deviceId, settings)
      this.#state.twins.create(deviceKey(deviceId))
      this.#state.events.emit({ type: 'deviceCreated', deviceId })
      if (device.iotEdge) this.#modules.createSystemModules(deviceId)
      return this.#view(device)
    }
    const device = this.#state.identities.update(deviceId, settings, precondition)
    if (device.status === 'disabled') {
      this.#sessions.closeConnection(deviceKey(deviceId), 'identityDisabled')
      this.#modules.closeConnectionsOf(deviceId)
    }
    this.#state.events.emit({ type: 'deviceUpdated', deviceId })
    if (device.iotEdge) this.#modules.createSystemModules(deviceId)
    return this.#view(device)
  }

  get(deviceId: string): JsonObject {
    return this.#view(this.#state.identities.get(deviceId))
  }

  list(limit: number = maxListedIdentities): readonly JsonObject[] {
    return this.#state.identities.list(limit).map(device => this.#view(device))
  }

  delete(deviceId: string, precondition: Precondition): void {
    this.#state.identities.delete(deviceId, precondition)
    this.#modules.deleteAllOf(deviceId)
    this.#sessions.closeConnection(deviceKey(deviceId), 'identityDeleted')
    this.#state.sessions.delete(deviceKey(deviceId))
    this.#state.twins.delete(deviceKey(deviceId))
    this.#state.queues.delete(deviceId)
    this.#state.events.emit({ type: 'deviceDeleted', deviceId })
  }

  /** The primary key of a device, Base64; undefined when it does not use keys. */
  primaryKeyOf(deviceId: string): string | undefined {
    const { authentication } = this.#state.identities.get(deviceId)
    return authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : undefined
  }

  statistics(): RegistryStatistics {
    return this.#state.identities.statistics()
  }

  #view(device: DeviceIdentity): JsonObject {
    const { sessions, queues } = this.#state
    return identityView(device, sessions.presenceOf(deviceKey(device.deviceId)), queues.countOf(device.deviceId))
  }
}
