import type { Clock } from '../clock/clock.ts'
import { DurableState } from '../durable/durable-state.ts'
import type { AnnounceChange, DurableTable } from '../durable/durable-table.ts'
import { HubError } from '../error/hub-error.ts'
import type { JsonValue } from '../json/json.ts'
import { assertPrecondition, type Precondition } from '../precondition/if-match.ts'
import type { RandomSource } from '../random-source.ts'
import { edgeSystemModules } from './edge-placement.ts'
import { moduleIdentityCodec } from './identity-codec.ts'
import { moduleKey } from './identity-key.ts'
import { IdentityStamps } from './identity-stamps.ts'
import { assertModuleId } from './module-id.ts'
import type { ModuleIdentity, ModuleSettings } from './module-identity.ts'

/** How many modules a device may have (wire reference 8.5). The system modules of an edge device count. */
export const maxModulesPerDevice = 50

const systemModule: ModuleSettings = { managedBy: 'iotEdge', authentication: { type: 'none' } }

/** The module identities of all devices (wire reference 8.5). Whether the device exists is the caller's business. */
export class ModuleRegistry implements DurableTable {
  readonly #stamps: IdentityStamps
  readonly #modulesByDevice = new Map<string, Map<string, ModuleIdentity>>()

  readonly #announce: AnnounceChange

  constructor(clock: Clock, random: RandomSource, durable: DurableState = new DurableState()) {
    this.#stamps = new IdentityStamps(clock, random)
    this.#announce = durable.register('modules', this)
  }

  find(deviceId: string, moduleId: string): ModuleIdentity | undefined {
    return this.#modulesByDevice.get(deviceId)?.get(moduleId)
  }

  /** @throws HubError `ModuleNotFound` (404). */
  get(deviceId: string, moduleId: string): ModuleIdentity {
    const module = this.find(deviceId, moduleId)
    if (module === undefined) {
      throw new HubError('ModuleNotFound', `Module ${moduleId} on device ${deviceId} not registered.`)
    }
    return module
  }

  /** The modules of a device, in the order of their creation. */
  listOf(deviceId: string): readonly ModuleIdentity[] {
    return [...(this.#modulesByDevice.get(deviceId)?.values() ?? [])]
  }

  /** The modules of all devices. */
  *all(): Generator<ModuleIdentity> {
    for (const modules of this.#modulesByDevice.values()) yield* modules.values()
  }

  /** @throws HubError 400 for an illegal id, 409 `ModuleAlreadyExistsOnDevice`, 413 `TooManyModulesOnDevice`. */
  create(deviceId: string, moduleId: string, settings: ModuleSettings): ModuleIdentity {
    assertModuleId(moduleId)
    if (this.find(deviceId, moduleId) !== undefined) {
      throw new HubError('ModuleAlreadyExistsOnDevice', `Device ${deviceId} already contains Module ${moduleId}.`)
    }
    if (this.listOf(deviceId).length >= maxModulesPerDevice) {
      throw new HubError('TooManyModulesOnDevice', `A device must not have more than ${maxModulesPerDevice} modules.`)
    }
    return this.#add(deviceId, moduleId, settings)
  }

  /** Gives an edge device the system modules that it does not have yet, and returns them. */
  createSystemModules(deviceId: string): readonly ModuleIdentity[] {
    return edgeSystemModules
      .filter(moduleId => this.find(deviceId, moduleId) === undefined)
      .map(moduleId => this.#add(deviceId, moduleId, systemModule))
  }

  /** @throws HubError 404 when the module does not exist, 412 when the etag is stale. */
  update(deviceId: string, moduleId: string, settings: ModuleSettings, precondition: Precondition): ModuleIdentity {
    const current = this.get(deviceId, moduleId)
    assertPrecondition(precondition, current.etag)
    return this.#set({ ...current, ...settings, etag: this.#stamps.nextEtag() })
  }

  /** @throws HubError 412 without a precondition or with a stale etag, 404 when the module does not exist. */
  delete(deviceId: string, moduleId: string, precondition: Precondition): void {
    if (precondition.kind === 'none') throw new HubError('PreconditionFailed', 'Etag missing')
    assertPrecondition(precondition, this.get(deviceId, moduleId).etag)
    this.#modulesByDevice.get(deviceId)?.delete(moduleId)
    this.#announce(moduleKey(deviceId, moduleId), undefined)
  }

  /** Deletes every module of a device. */
  deleteAllOf(deviceId: string): void {
    for (const { moduleId } of this.listOf(deviceId)) this.#announce(moduleKey(deviceId, moduleId), undefined)
    this.#modulesByDevice.delete(deviceId)
  }

  *encoded(): Generator<readonly [key: string, value: JsonValue]> {
    for (const module of this.all()) {
      yield [moduleKey(module.deviceId, module.moduleId), moduleIdentityCodec.encode(module)]
    }
  }

  restore(_key: string, value: JsonValue): void {
    this.#keep(moduleIdentityCodec.decode(value))
  }

  #add(deviceId: string, moduleId: string, settings: ModuleSettings): ModuleIdentity {
    const generationId = this.#stamps.nextGenerationId()
    return this.#set({ deviceId, moduleId, ...settings, generationId, etag: this.#stamps.nextEtag() })
  }

  #set(module: ModuleIdentity): ModuleIdentity {
    this.#keep(module)
    this.#announce(moduleKey(module.deviceId, module.moduleId), moduleIdentityCodec.encode(module))
    return module
  }

  #keep(module: ModuleIdentity): void {
    const modules = this.#modulesByDevice.get(module.deviceId) ?? new Map<string, ModuleIdentity>()
    modules.set(module.moduleId, module)
    this.#modulesByDevice.set(module.deviceId, modules)
  }
}
