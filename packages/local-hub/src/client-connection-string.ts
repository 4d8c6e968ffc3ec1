import type { IdentityName } from './hub-core/identity/identity-key.ts'
import type { Endpoint } from './transports/endpoint.ts'

/** What the connection string of a device or module says. */
export interface ClientConnection extends IdentityName {
  readonly hostName: string
  /** Where the hub is. Undefined: where its name leads, as in the strings of a real hub. */
  readonly endpoint: Endpoint | undefined
  /** Base64; undefined for a client with a certificate. */
  readonly key: string | undefined
}

/**
 * The connection string of a device or module. One with a key leads to the hub by `GatewayHostName`; the official client does not
 * heed that with a certificate, so there the endpoint stands in place of the name.
 */
export function clientConnectionString({ hostName, endpoint, deviceId, moduleId, key }: ClientConnection): string {
  const address = endpoint === undefined ? undefined : `${endpoint.host}:${endpoint.port}`
  const identity = `DeviceId=${deviceId}${moduleId === undefined ? '' : `;ModuleId=${moduleId}`}`
  if (key === undefined) return `HostName=${address ?? hostName};${identity};x509=true`
  const gateway = address === undefined ? '' : `;GatewayHostName=${address}`
  return `HostName=${hostName};${identity};SharedAccessKey=${key}${gateway}`
}
