import { IotHubDmError } from '@iothub-dm/protocol'

/** Who a connection string is for, and how it proves it. */
export interface ParsedConnectionString {
  readonly host: string
  readonly deviceId: string
  readonly moduleId?: string
  readonly gatewayHostName?: string
  /** Base64. */
  readonly sharedAccessKey?: string
  readonly sharedAccessSignature?: string
  /** Whether it says `x509=true`. */
  readonly x509: boolean
}

const fieldNames = {
  HostName: 'host',
  DeviceId: 'deviceId',
  ModuleId: 'moduleId',
  GatewayHostName: 'gatewayHostName',
  SharedAccessKey: 'sharedAccessKey',
  SharedAccessSignature: 'sharedAccessSignature',
} as const

/**
 * Reads the connection string of a device or of a module, before the SDK sees it.
 *
 * @throws IotHubDmError `InvalidConnectionString`, which names what is wrong and never quotes the string
 */
export function parseConnectionString(connectionString: string): ParsedConnectionString {
  if (typeof connectionString !== 'string') {
    throw new TypeError(`the connection string must be a string, not ${typeof connectionString}`)
  }
  const fields = fieldsOf(connectionString)
  const { host, deviceId, gatewayHostName, ...rest } = renamed(fields)
  const missing = [host ? [] : 'HostName', deviceId ? [] : 'DeviceId'].flat()
  if (!host || !deviceId) throw invalidConnectionString(`lacks ${missing.join(' and ')}`)
  for (const [name, value] of Object.entries({ HostName: host, GatewayHostName: gatewayHostName })) {
    if (value !== undefined && !URL.canParse(`mqtts://${value}`)) {
      throw invalidConnectionString(`has a ${name} that is no host name`)
    }
  }
  const gateway = gatewayHostName === undefined ? {} : { gatewayHostName }
  return { host, deviceId, ...gateway, ...rest, x509: fields.get('x509') === 'true' }
}

/** An error about a connection string, which it must not quote. */
export function invalidConnectionString(what: string): IotHubDmError<'InvalidConnectionString'> {
  return new IotHubDmError('InvalidConnectionString', `the device's connection string ${what}`)
}

function fieldsOf(connectionString: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const part of connectionString.split(';')) {
    const [name, ...value] = part.split('=')
    if (name !== undefined) fields.set(name, value.join('='))
  }
  for (const name of Object.keys(fieldNames)) {
    if (fields.get(name) === '') throw invalidConnectionString(`has an empty ${name}`)
  }
  return fields
}

function renamed(fields: ReadonlyMap<string, string>): {
  [TName in (typeof fieldNames)[keyof typeof fieldNames]]?: string
} {
  const entries = Object.entries(fieldNames).flatMap(([name, member]) => {
    const value = fields.get(name)
    return value === undefined ? [] : [[member, value] as const]
  })
  return Object.fromEntries(entries)
}
