import { IotHubDmError } from '@iothub-dm/protocol'

/** A service connection string, taken apart. */
export interface HubConnectionString {
  readonly hostName: string
  readonly sharedAccessKeyName: string
  /** Base64. */
  readonly sharedAccessKey: string
}

const expected = "'HostName=...;SharedAccessKeyName=...;SharedAccessKey=...'"

/**
 * Takes the connection string of a shared access policy apart. Errors name the member that is wrong and never show
 * the key.
 *
 * @param connectionString as the portal or `az iot hub connection-string show` gives it
 * @throws IotHubDmError with code `InvalidConnectionString`
 */
export function parseHubConnectionString(connectionString: string): HubConnectionString {
  if (typeof connectionString !== 'string') throw invalid(`expected a string, got ${typeof connectionString}`)
  const members = new Map<string, string>()
  for (const part of connectionString.trim().split(';')) {
    const at = part.indexOf('=')
    if (at > 0) members.set(part.slice(0, at).trim(), part.slice(at + 1).trim())
  }
  if (members.has('DeviceId')) {
    throw invalid('this one is of a device (it has DeviceId); a back end needs one of a shared access policy')
  }
  const hostName = required(members, 'HostName')
  if (!/^[a-z0-9.-]+$/i.test(hostName)) {
    throw invalid('HostName must be a bare host name; give a port by the endpoint option')
  }
  const sharedAccessKey = required(members, 'SharedAccessKey')
  if (!/^[a-z0-9+/]+={0,2}$/i.test(sharedAccessKey)) throw invalid('SharedAccessKey must be Base64')
  return { hostName, sharedAccessKeyName: required(members, 'SharedAccessKeyName'), sharedAccessKey }
}

function required(members: ReadonlyMap<string, string>, name: string): string {
  const value = members.get(name)
  if (!value) throw invalid(`${name} is missing`)
  return value
}

function invalid(reason: string): IotHubDmError<'InvalidConnectionString'> {
  return new IotHubDmError('InvalidConnectionString', `connection string: ${reason}; expected ${expected}`)
}
