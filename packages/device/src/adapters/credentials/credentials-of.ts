import azureDevice from 'azure-iot-device'
import type { Clock } from '../../connection/clock.ts'
import type { AzureConnectionOptions } from '../azure-connection-options.ts'
import { authenticationType, type DeviceAuthenticationProvider } from './authentication-provider.ts'
import { assertClientCertificate, type ClientCertificate } from './client-certificate.ts'
import { invalidConnectionString, type ParsedConnectionString, parseConnectionString } from './connection-string.ts'
import { parseSharedAccessSignature } from './shared-access-signature.ts'
import { SharedAccessSignatureProvider } from './shared-access-signature-provider.ts'

/** How long before its end a token of the program is replaced, in milliseconds: as long as the SDK takes for its own. */
const defaultMarginInMs = 15 * 60 * 1_000

/**
 * Makes the authentication provider for a connection string and the options that belong to it.
 *
 * @throws IotHubDmError `InvalidConnectionString`, which never shows a key or a token
 * @throws TypeError when an option does not fit
 */
export function credentialsOf(
  connectionString: string,
  options: AzureConnectionOptions,
  clock: Clock,
): DeviceAuthenticationProvider {
  const parsed = parseConnectionString(connectionString)
  const { tokenRenewal, clientCertificate, getSharedAccessSignature } = options
  if (clientCertificate !== undefined) return certificateProvider(parsed, clientCertificate, options)
  if (parsed.x509) throw new TypeError('clientCertificate is required with a connection string that says x509=true')
  if (parsed.sharedAccessKey !== undefined) {
    if (getSharedAccessSignature !== undefined) {
      throw new TypeError('getSharedAccessSignature has no place beside a SharedAccessKey in the connection string')
    }
    const { validInSeconds, marginInSeconds } = tokenRenewal ?? {}
    return azureDevice.SharedAccessKeyAuthenticationProvider.fromConnectionString(
      connectionString,
      validInSeconds,
      marginInSeconds,
    )
  }
  return tokenProvider(parsed, options, clock)
}

function tokenProvider(
  { sharedAccessSignature, ...parsed }: ParsedConnectionString,
  { tokenRenewal, getSharedAccessSignature: getToken }: AzureConnectionOptions,
  clock: Clock,
): DeviceAuthenticationProvider {
  const first = parseSharedAccessSignature(sharedAccessSignature)
  if (sharedAccessSignature !== undefined && first === undefined) {
    throw invalidConnectionString('has a SharedAccessSignature that is no token with sr, sig and se')
  }
  if (first === undefined && getToken === undefined) {
    throw invalidConnectionString(
      'lacks SharedAccessKey, or SharedAccessSignature, or x509=true; expected HostName=...;DeviceId=...;SharedAccessKey=...',
    )
  }
  const marginInMs = tokenRenewal === undefined ? defaultMarginInMs : tokenRenewal.marginInSeconds * 1_000
  return new SharedAccessSignatureProvider({ identity: identityOf(parsed), first, getToken, marginInMs, clock })
}

function certificateProvider(
  parsed: ParsedConnectionString,
  certificate: ClientCertificate,
  { tokenRenewal, getSharedAccessSignature }: AzureConnectionOptions,
): DeviceAuthenticationProvider {
  if (parsed.sharedAccessKey !== undefined || parsed.sharedAccessSignature !== undefined) {
    throw new TypeError('clientCertificate has no place beside a key or a token in the connection string')
  }
  if (tokenRenewal !== undefined || getSharedAccessSignature !== undefined) {
    throw new TypeError('tokenRenewal and getSharedAccessSignature have no place beside clientCertificate')
  }
  assertClientCertificate(certificate)
  const { cert, key, passphrase } = certificate
  const credentials = {
    ...identityOf(parsed),
    x509: { cert, key, ...(passphrase === undefined ? {} : { passphrase }) },
  }
  return {
    type: authenticationType.x509,
    getDeviceCredentials: callback => callback(undefined, credentials),
  }
}

function identityOf({
  host,
  deviceId,
  moduleId,
  gatewayHostName,
}: Omit<ParsedConnectionString, 'sharedAccessSignature'>): {
  readonly host: string
  readonly deviceId: string
  readonly moduleId?: string
  readonly gatewayHostName?: string
} {
  return {
    host,
    deviceId,
    ...(moduleId === undefined ? {} : { moduleId }),
    ...(gatewayHostName === undefined ? {} : { gatewayHostName }),
  }
}
