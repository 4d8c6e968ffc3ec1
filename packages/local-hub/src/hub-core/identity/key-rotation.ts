import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import type { RandomSource } from '../random-source.ts'
import type { Authentication } from './authentication.ts'
import type { IdentityName } from './identity-key.ts'
import { generateKeyPair } from './symmetric-key.ts'

const rotatableKeys = ['primaryKey', 'secondaryKey', 'both'] as const

/** Which of its keys an identity gets anew. */
export type RotatableKey = (typeof rotatableKeys)[number]

/** Whose keys are to be made anew, and which (wire reference 2.7). */
export interface KeyRotation {
  readonly policyKey: RotatableKey
  readonly names: readonly IdentityName[]
}

const maxRotations = 100

/** @throws HubError 400 when the body is not a rotation, 413 for more than 100 identities. */
export function parseKeyRotation(body: JsonValue | undefined): KeyRotation {
  const policyKey = isJsonObject(body) ? rotatableKeys.find(key => key === memberOf(body, 'policyKey')) : undefined
  const devices = isJsonObject(body) ? memberOf(body, 'devices') : undefined
  if (policyKey === undefined) {
    throw new HubError('ArgumentInvalid', `policyKey must be one of ${rotatableKeys.join(', ')}.`)
  }
  if (!Array.isArray(devices)) throw new HubError('ArgumentInvalid', 'devices must be an array.')
  if (devices.length > maxRotations) {
    throw new HubError('TooManyDevices', `The number of devices must not exceed ${maxRotations}.`)
  }
  return { policyKey, names: devices.map(parseName) }
}

/** @throws HubError 400 for an identity that does not use keys. */
export function rotateKeys(
  authentication: Authentication,
  policyKey: RotatableKey,
  random: RandomSource,
): Extract<Authentication, { readonly type: 'sas' }> {
  if (authentication.type !== 'sas') {
    throw new HubError('ArgumentInvalid', `The identity does not use keys but ${authentication.type}.`)
  }
  const { primaryKey, secondaryKey } = generateKeyPair(random)
  const { symmetricKey } = authentication
  return {
    type: 'sas',
    symmetricKey: {
      primaryKey: policyKey === 'secondaryKey' ? symmetricKey.primaryKey : primaryKey,
      secondaryKey: policyKey === 'primaryKey' ? symmetricKey.secondaryKey : secondaryKey,
    },
  }
}

function parseName(value: JsonValue): IdentityName {
  const device: JsonObject = isJsonObject(value) ? value : {}
  const deviceId = memberOf(device, 'id')
  const moduleId = memberOf(device, 'moduleId') ?? undefined
  if (typeof deviceId !== 'string' || (moduleId !== undefined && typeof moduleId !== 'string')) {
    throw new HubError('ArgumentInvalid', 'Each of devices must have an id, and may have a moduleId.')
  }
  return moduleId === undefined ? { deviceId } : { deviceId, moduleId }
}
