import { IotHubDmError } from '@iothub-dm/protocol'

const requiredNames = ['HostName', 'DeviceId', 'SharedAccessKey'] as const

/**
 * Checks a device's connection string before the SDK sees it.
 *
 * @throws IotHubDmError `InvalidConnectionString`, which names what is wrong and never quotes the string
 */
export function assertDeviceConnectionString(connectionString: string): void {
  if (typeof connectionString !== 'string') {
    throw new TypeError(`the connection string must be a string, not ${typeof connectionString}`)
  }
  const fields = new Map<string, string>()
  for (const part of connectionString.split(';')) {
    const [name, ...value] = part.split('=')
    if (name !== undefined) fields.set(name, value.join('='))
  }
  const missing = requiredNames.filter(name => !fields.get(name))
  if (missing.length > 0) {
    throw invalid(`lacks ${missing.join(', ')}; expected HostName=...;DeviceId=...;SharedAccessKey=...`)
  }
  if (!URL.canParse(`mqtts://${fields.get('HostName')}`)) throw invalid('has a HostName that is no host name')
}

function invalid(what: string): IotHubDmError<'InvalidConnectionString'> {
  return new IotHubDmError('InvalidConnectionString', `the device's connection string ${what}`)
}
