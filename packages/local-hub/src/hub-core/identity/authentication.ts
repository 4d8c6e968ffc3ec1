import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import type { RandomSource } from '../random-source.ts'
import { assertSymmetricKey, generateKeyPair, type SymmetricKeyPair } from './symmetric-key.ts'

/** X.509 thumbprints as given, hexadecimal. */
export interface Thumbprints {
  readonly primaryThumbprint: string | null
  readonly secondaryThumbprint: string | null
}

/** How a device proves who it is (wire reference 8.2). */
export type Authentication =
  | { readonly type: 'sas'; readonly symmetricKey: SymmetricKeyPair }
  | { readonly type: 'selfSigned'; readonly x509Thumbprint: Thumbprints }
  | { readonly type: 'certificateAuthority' }
  /** The system modules of an edge device only. */
  | { readonly type: 'none' }

const noThumbprints: Thumbprints = { primaryThumbprint: null, secondaryThumbprint: null }
const thumbprintPattern = /^[0-9a-fA-F]+$/

/**
 * Reads the `authentication` member of an identity. Keys that are missing or empty are generated.
 *
 * @throws HubError 400 for an unknown type, one key of two, or a malformed key or thumbprint.
 */
export function parseAuthentication(value: JsonValue | undefined, random: RandomSource): Authentication {
  const body = optionalObject(value, 'authentication')
  const thumbprints = parseThumbprints(body)
  const type = memberOf(body, 'type') ?? (thumbprints === noThumbprints ? 'sas' : 'selfSigned')
  switch (type) {
    case 'sas':
      return { type, symmetricKey: parseKeyPair(body, random) }
    case 'selfSigned':
      return { type, x509Thumbprint: thumbprints }
    case 'certificateAuthority':
      return { type }
    default:
      throw new HubError(
        'DeviceAuthenticationTypeIsMissing',
        'authentication.type must be sas, selfSigned or certificateAuthority.',
      )
  }
}

/** The `authentication` member as the hub returns it: every part present, null where it does not apply. */
export function authenticationView(authentication: Authentication): JsonObject {
  return {
    symmetricKey:
      authentication.type === 'sas' ? { ...authentication.symmetricKey } : { primaryKey: null, secondaryKey: null },
    x509Thumbprint: { ...thumbprintsOf(authentication) },
    type: authentication.type,
  }
}

/** The thumbprints of an identity; both null unless it is self-signed. */
export function thumbprintsOf(authentication: Authentication): Thumbprints {
  return authentication.type === 'selfSigned' ? authentication.x509Thumbprint : noThumbprints
}

function parseKeyPair(body: JsonObject, random: RandomSource): SymmetricKeyPair {
  const keys = optionalObject(memberOf(body, 'symmetricKey'), 'authentication.symmetricKey')
  const primaryKey = optionalText(keys, 'primaryKey')
  const secondaryKey = optionalText(keys, 'secondaryKey')
  if (primaryKey === undefined && secondaryKey === undefined) return generateKeyPair(random)
  if (primaryKey === undefined || secondaryKey === undefined) {
    throw new HubError('ArgumentInvalid', 'Either no keys or both keys can be set.')
  }
  assertSymmetricKey(primaryKey)
  assertSymmetricKey(secondaryKey)
  return { primaryKey, secondaryKey }
}

function parseThumbprints(body: JsonObject): Thumbprints {
  const thumbprint = optionalObject(memberOf(body, 'x509Thumbprint'), 'authentication.x509Thumbprint')
  const primaryThumbprint = optionalText(thumbprint, 'primaryThumbprint') ?? null
  const secondaryThumbprint = optionalText(thumbprint, 'secondaryThumbprint') ?? null
  if (primaryThumbprint === null && secondaryThumbprint === null) return noThumbprints
  for (const value of [primaryThumbprint, secondaryThumbprint]) {
    if (value !== null && !thumbprintPattern.test(value)) {
      throw new HubError('StringIsNotThumbprint', 'A thumbprint must be hexadecimal digits without separators.')
    }
  }
  return { primaryThumbprint, secondaryThumbprint }
}

function optionalObject(value: JsonValue | undefined, name: string): JsonObject {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw new HubError('ArgumentInvalid', `${name} must be an object.`)
  return value
}

/** Clients send an empty string where they mean "none". */
function optionalText(body: JsonObject, name: string): string | undefined {
  const value = memberOf(body, name) ?? ''
  if (typeof value !== 'string') throw new HubError('ArgumentInvalid', `${name} must be a string.`)
  return value === '' ? undefined : value
}
