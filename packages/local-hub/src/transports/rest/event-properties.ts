import type { TelemetryMessage, TelemetrySystemProperties } from '../../hub-core/telemetry/telemetry-message.ts'

const applicationPrefix = 'iothub-app-'

/** The headers that the hub itself understands (wire reference 1.19). */
const systemHeaders: Readonly<Record<string, keyof TelemetrySystemProperties>> = {
  'iothub-messageid': 'messageId',
  'iothub-correlationid': 'correlationId',
  'iothub-userid': 'userId',
  'iothub-to': 'to',
  'iothub-creationtimeutc': 'creationTimeUtc',
  'iothub-contenttype': 'contentType',
  'iothub-contentencoding': 'contentEncoding',
  'content-type': 'contentType',
  'content-encoding': 'contentEncoding',
}

/**
 * The properties of a device-to-cloud message that came over HTTP. The last of several values counts.
 *
 * @param rawHeaders names and values in turn, as received: names of application properties keep their case.
 */
export function eventPropertiesOf(rawHeaders: readonly string[]): Omit<TelemetryMessage, 'payload'> {
  const systemProperties = new Map<string, string>()
  const properties = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [header = '', value = ''] = rawHeaders.slice(index, index + 2)
    const name = header.toLowerCase()
    const systemName = Object.hasOwn(systemHeaders, name) ? systemHeaders[name] : undefined
    if (name.startsWith(applicationPrefix)) properties.set(header.slice(applicationPrefix.length), value)
    else if (systemName !== undefined) systemProperties.set(systemName, value)
  }
  return { systemProperties: Object.fromEntries(systemProperties), properties: Object.fromEntries(properties) }
}
