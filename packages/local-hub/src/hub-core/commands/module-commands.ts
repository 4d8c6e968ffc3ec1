import type { HubState } from '../hub-state.ts'
import { type IdentityName, moduleKey } from '../identity/identity-key.ts'
import type { ModuleIdentity } from '../identity/module-identity.ts'
import { parseModuleRequest } from '../identity/module-request.ts'
import { moduleView } from '../identity/module-view.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import type { Precondition } from '../precondition/if-match.ts'
import type { SessionCommands } from './session-commands.ts'

/** What the service can do with the identities of modules. Like a device, a module has a twin and may have a connection. */
export class ModuleCommands {
  readonly #state: HubState
  readonly #sessions: SessionCommands

  constructor(state: HubState, sessions: SessionCommands) {
    this.#state = state
    this.#sessions = sessions
  }

  /** Creates without a precondition, updates with one (wire reference 2.5). */
  put(deviceId: string, moduleId: string, body: JsonValue | undefined, precondition: Precondition): JsonObject {
    const { identities, modules, random } = this.#state
    identities.get(deviceId)
    const settings = parseModuleRequest(body, { deviceId, moduleId }, random)
    if (precondition.kind !== 'none') {
      const updated = modules.update(deviceId, moduleId, settings, precondition)
      this.#state.events.emit({ type: 'moduleUpdated', deviceId, moduleId })
      return this.#view(updated)
    }
    const created = modules.create(deviceId, moduleId, settings)
    this.#begin(created)
    return this.#view(created)
  }

  get(deviceId: string, moduleId: string): JsonObject {
    this.#state.identities.get(deviceId)
    return this.#view(this.#state.modules.get(deviceId, moduleId))
  }

  listOf(deviceId: string): readonly JsonObject[] {
    this.#state.identities.get(deviceId)
    return this.#state.modules.listOf(deviceId).map(module => this.#view(module))
  }

  delete(deviceId: string, moduleId: string, precondition: Precondition): void {
    this.#state.identities.get(deviceId)
    this.#state.modules.delete(deviceId, moduleId, precondition)
    this.#end({ deviceId, moduleId })
  }

  /** Gives an edge device the system modules it does not have yet. */
  createSystemModules(deviceId: string): void {
    for (const module of this.#state.modules.createSystemModules(deviceId)) this.#begin(module)
  }

  /** Deletes every module of a device that is deleted itself. */
  deleteAllOf(deviceId: string): void {
    const modules = this.#state.modules.listOf(deviceId)
    this.#state.modules.deleteAllOf(deviceId)
    for (const module of modules) this.#end(module)
  }

  /** Closes the connections of a disabled device's modules. */
  closeConnectionsOf(deviceId: string): void {
    for (const { moduleId } of this.#state.modules.listOf(deviceId)) {
      this.#sessions.closeConnection(moduleKey(deviceId, moduleId), 'identityDisabled')
    }
  }

  /** The primary key of a module, Base64; undefined when it does not use keys. */
  primaryKeyOf(deviceId: string, moduleId: string): string | undefined {
    this.#state.identities.get(deviceId)
    const { authentication } = this.#state.modules.get(deviceId, moduleId)
    return authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : undefined
  }

  #begin({ deviceId, moduleId }: ModuleIdentity): void {
    this.#state.twins.create(moduleKey(deviceId, moduleId))
    this.#state.events.emit({ type: 'moduleCreated', deviceId, moduleId })
  }

  #end({ deviceId, moduleId }: Required<IdentityName>): void {
    const key = moduleKey(deviceId, moduleId)
    this.#sessions.closeConnection(key, 'identityDeleted')
    this.#state.sessions.delete(key)
    this.#state.twins.delete(key)
    this.#state.events.emit({ type: 'moduleDeleted', deviceId, moduleId })
  }

  #view(module: ModuleIdentity): JsonObject {
    return moduleView(module, this.#state.sessions.presenceOf(moduleKey(module.deviceId, module.moduleId)))
  }
}
