import { type BulkLine, parseBulkLine, parseBulkRequest } from '../bulk/bulk-request.ts'
import type { BulkFailure, BulkResult } from '../bulk/bulk-result.ts'
import { HubError } from '../error/hub-error.ts'
import type { HubState } from '../hub-state.ts'
import { deviceKey, type IdentityKey, moduleKey } from '../identity/identity-key.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import type { Precondition } from '../precondition/if-match.ts'
import type { IdentityCommands } from './identity-commands.ts'
import type { ModuleCommands } from './module-commands.ts'
import type { TwinCommands } from './twin-commands.ts'

/** What bulk operations are made of. */
export interface BulkParts {
  readonly identities: IdentityCommands
  readonly modules: ModuleCommands
  readonly twins: TwinCommands
}

/** Many identities at once (wire reference 8.4). A line that fails does not keep the others from being applied. */
export class BulkCommands {
  readonly #state: HubState
  readonly #parts: BulkParts

  constructor(state: HubState, parts: BulkParts) {
    this.#state = state
    this.#parts = parts
  }

  /** @throws HubError 400 when the body is not an array of lines, 413 for more than 100 of them. */
  apply(body: JsonValue | undefined): BulkResult {
    const errors: BulkFailure[] = []
    const seen = new Set<IdentityKey>()
    for (const value of parseBulkRequest(body)) {
      try {
        this.#applyOnce(parseBulkLine(value), seen)
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        errors.push(failureOf(value, error))
      }
    }
    return { isSuccessful: errors.length === 0, errors, warnings: [] }
  }

  #applyOnce(line: BulkLine, seen: Set<IdentityKey>): void {
    const key = keyOf(line)
    if (seen.has(key)) throw new HubError('DeviceDefinedMultipleTimes', `${key} is named more than once.`)
    seen.add(key)
    this.#apply(line, key)
  }

  #apply(line: BulkLine, key: IdentityKey): void {
    switch (line.mode) {
      case 'create':
        this.#create(line, key)
        break
      case 'createorupdate':
        this.#createOrPut(line, key, { kind: 'any' })
        break
      case 'createorupdateifmatchetag':
        this.#createOrPut(line, key, sameEtag(line.etag))
        break
      case 'update':
        this.#put(line, { kind: 'any' })
        break
      case 'updateifmatchetag':
        this.#put(line, sameEtag(line.etag))
        break
      case 'delete':
        this.#delete(line, { kind: 'any' })
        break
      case 'deleteifmatchetag':
        this.#delete(line, sameEtag(line.etag))
        break
      case 'updatetwin':
        this.#patchTwin(line, key, { kind: 'none' })
        break
      case 'updatetwinifmatchetag':
        this.#patchTwin(line, key, sameEtag(line.twinEtag))
        break
    }
  }

  #createOrPut(line: BulkLine, key: IdentityKey, precondition: Precondition): void {
    const { identities, modules } = this.#state
    const { deviceId, moduleId } = line
    const current = moduleId === undefined ? identities.find(deviceId) : modules.find(deviceId, moduleId)
    if (current === undefined) this.#create(line, key)
    else this.#put(line, precondition)
  }

  /** A twin that the hub refuses takes the new identity with it. */
  #create(line: BulkLine, key: IdentityKey): void {
    this.#put(line, { kind: 'none' })
    if (line.twin === undefined) return
    try {
      this.#patchTwin(line, key, { kind: 'none' })
    } catch (error) {
      this.#delete(line, { kind: 'any' })
      throw error
    }
  }

  #put({ deviceId, moduleId, identity }: BulkLine, precondition: Precondition): void {
    if (moduleId === undefined) this.#parts.identities.put(deviceId, identity, precondition)
    else this.#parts.modules.put(deviceId, moduleId, identity, precondition)
  }

  #delete({ deviceId, moduleId }: BulkLine, precondition: Precondition): void {
    if (moduleId === undefined) this.#parts.identities.delete(deviceId, precondition)
    else this.#parts.modules.delete(deviceId, moduleId, precondition)
  }

  #patchTwin({ twin = {} }: BulkLine, key: IdentityKey, precondition: Precondition): void {
    this.#parts.twins.patch(key, twin, precondition)
  }
}

function keyOf({ deviceId, moduleId }: BulkLine): IdentityKey {
  return moduleId === undefined ? deviceKey(deviceId) : moduleKey(deviceId, moduleId)
}

function sameEtag(etag: string | undefined): Precondition {
  if (etag === undefined) throw new HubError('PreconditionFailed', 'Etag missing')
  return etag === '*' ? { kind: 'any' } : { kind: 'etag', etag }
}

function failureOf(line: JsonObject, error: HubError): BulkFailure {
  return {
    deviceId: typeof line.id === 'string' ? line.id : null,
    moduleId: typeof line.moduleId === 'string' ? line.moduleId : null,
    errorCode: error.code,
    errorStatus: error.message,
  }
}
