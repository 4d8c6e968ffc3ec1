import type { JsonObject } from './hub-core/json/json.ts'
import type { CreateDeviceOptions } from './local-hub.ts'

/** The identity that a caller asks for, as the registry takes it. */
export function identityBody({ status, symmetricKey, x509 }: CreateDeviceOptions): JsonObject {
  return { status: status ?? 'enabled', ...authenticationMember(symmetricKey, x509) }
}

function authenticationMember(
  symmetricKey: CreateDeviceOptions['symmetricKey'],
  x509: CreateDeviceOptions['x509'],
): JsonObject {
  if (symmetricKey !== undefined && x509 !== undefined) {
    throw new TypeError('options: expected symmetricKey or x509, got both')
  }
  if (symmetricKey !== undefined) return { authentication: { type: 'sas', symmetricKey: { ...symmetricKey } } }
  if (x509 === 'certificateAuthority') return { authentication: { type: x509 } }
  if (x509 === undefined) return {}
  const { primaryThumbprint, secondaryThumbprint = null } = x509
  return { authentication: { type: 'selfSigned', x509Thumbprint: { primaryThumbprint, secondaryThumbprint } } }
}
