import type { HubState } from './hub-state.ts'
import type { DeviceIdentity } from './identity/device-identity.ts'
import { deviceKey, moduleKey } from './identity/identity-key.ts'
import type { ModuleIdentity } from './identity/module-identity.ts'
import { deviceJobDocument } from './jobs/device-job-document.ts'
import type { QueryDocument, QuerySource } from './query/query-source.ts'
import type { Collection } from './query/syntax/query.ts'
import { TwinDocument } from './twin/twin-document.ts'
import { moduleOwner } from './twin/twin-owner.ts'

/** The state of a hub, as queries see it. */
export class HubQuerySource implements QuerySource {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  documents(collection: Collection): Iterable<QueryDocument> {
    switch (collection) {
      case 'devices':
        return this.#deviceTwins()
      case 'devices.modules':
        return [...this.#state.modules.all()].toSorted(byGeneration).map(module => this.#moduleTwin(module))
      case 'devices.jobs':
        return this.#deviceJobs()
    }
  }

  documentsOf(collection: Collection, deviceId: string): Iterable<QueryDocument> {
    const { identities, modules } = this.#state
    switch (collection) {
      case 'devices': {
        const device = identities.find(deviceId)
        return device === undefined ? [] : [this.#deviceTwin(device)]
      }
      case 'devices.modules':
        return modules.listOf(deviceId).map(module => this.#moduleTwin(module))
      case 'devices.jobs':
        return this.#deviceJobs(deviceId)
    }
  }

  *#deviceTwins(): Iterable<QueryDocument> {
    for (const device of this.#state.identities.all()) yield this.#deviceTwin(device)
  }

  *#deviceJobs(deviceId?: string): Iterable<QueryDocument> {
    const { jobs } = this.#state
    for (const { jobId } of jobs.all()) {
      for (const deviceJob of jobs.deviceJobsOf(jobId, deviceId)) yield deviceJobDocument(deviceJob)
    }
  }

  #deviceTwin(device: DeviceIdentity): QueryDocument {
    return new TwinDocument(device.generationId, deviceKey(device.deviceId), device, this.#state)
  }

  #moduleTwin(module: ModuleIdentity): QueryDocument {
    const key = moduleKey(module.deviceId, module.moduleId)
    return new TwinDocument(module.generationId, key, moduleOwner(module), this.#state)
  }
}

/** The modules are kept by device, so they are not in the order of creation. */
function byGeneration(first: ModuleIdentity, second: ModuleIdentity): number {
  return first.generationId < second.generationId ? -1 : 1
}
