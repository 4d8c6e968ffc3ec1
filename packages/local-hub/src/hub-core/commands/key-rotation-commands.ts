import { HubError } from '../error/hub-error.ts'
import type { HubState } from '../hub-state.ts'
import type { IdentityName } from '../identity/identity-key.ts'
import { parseKeyRotation, type RotatableKey, rotateKeys } from '../identity/key-rotation.ts'
import type { SymmetricKeyPair } from '../identity/symmetric-key.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'

/** What a rotation of keys came to, as REST returns it (wire reference 2.7). */
export interface KeyRotationResult {
  readonly policyKey: RotatableKey
  readonly rotatedKeys: readonly JsonObject[]
  readonly errors: readonly JsonObject[]
}

const anyEtag = { kind: 'any' } as const

/** New keys for identities that exist. */
export class KeyRotationCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  /** @throws HubError 400 or 413 when the request is not a rotation; an identity that fails is told in the result. */
  regenerate(body: JsonValue | undefined): KeyRotationResult {
    const { policyKey, names } = parseKeyRotation(body)
    const rotatedKeys: JsonObject[] = []
    const errors: JsonObject[] = []
    for (const name of names) {
      const ids = { id: name.deviceId, moduleId: name.moduleId ?? null }
      try {
        rotatedKeys.push({ ...ids, ...this.#rotate(name, policyKey) })
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        errors.push({ ...ids, errorCode: error.code, errorStatus: error.message })
      }
    }
    return { policyKey, rotatedKeys, errors }
  }

  #rotate({ deviceId, moduleId }: IdentityName, policyKey: RotatableKey): SymmetricKeyPair {
    const { identities, modules, events, random } = this.#state
    const device = identities.get(deviceId)
    if (moduleId === undefined) {
      const authentication = rotateKeys(device.authentication, policyKey, random)
      identities.update(deviceId, { ...device, authentication }, anyEtag)
      events.emit({ type: 'deviceUpdated', deviceId })
      return authentication.symmetricKey
    }
    const module = modules.get(deviceId, moduleId)
    const authentication = rotateKeys(module.authentication, policyKey, random)
    modules.update(deviceId, moduleId, { ...module, authentication }, anyEtag)
    events.emit({ type: 'moduleUpdated', deviceId, moduleId })
    return authentication.symmetricKey
  }
}
