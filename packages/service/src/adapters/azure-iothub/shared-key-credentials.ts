import sharedAccessSignature from 'azure-iothub/dist/shared_access_signature.js'
import type { HubCredentials } from '../../credentials/hub-credentials.ts'
import { parseHubConnectionString } from '../../hub/hub-connection-string.ts'

const validInSeconds = 3_600

/**
 * The key of a shared access policy, which signs every call anew.
 *
 * @param connectionString as the portal gives it
 * @throws IotHubDmError with code `InvalidConnectionString`
 */
export function sharedKeyCredentials(connectionString: string): HubCredentials {
  const { hostName, sharedAccessKeyName, sharedAccessKey } = parseHubConnectionString(connectionString)
  const signature = sharedAccessSignature.create(hostName, sharedAccessKeyName, sharedAccessKey, 1)
  return { hostName, authorization: () => signature.extend(Math.floor(Date.now() / 1_000) + validInSeconds) }
}
