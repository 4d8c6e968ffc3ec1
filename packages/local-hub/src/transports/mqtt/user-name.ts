/** The MQTT user name of a device, taken apart. */
export interface MqttUserName {
  readonly hostName: string
  readonly deviceId: string
  readonly moduleId: string | undefined
  /** The Plug and Play model announced, or an empty string. */
  readonly modelId: string
}

/**
 * Reads `{host}/{deviceId}[/{moduleId}]/?{properties}`, the same without the question mark, or without properties
 * (wire reference 1.3). Undefined when it is none of these.
 */
export function parseUserName(userName: string): MqttUserName | undefined {
  const [hostName, deviceId, ...rest] = userName.split('/')
  if (!hostName || !deviceId) return undefined
  const moduleId = isProperties(rest[0]) ? undefined : rest.shift() || undefined
  const modelId = parseProperties(rest.join('/')).get('model-id') ?? ''
  return { hostName, deviceId, moduleId, modelId }
}

function isProperties(segment: string | undefined): boolean {
  return segment !== undefined && (segment.startsWith('?') || segment.startsWith('api-version='))
}

/** The first of several values counts; a value that is not well encoded is taken as it is. */
function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const pair of text.replace(/^\?/, '').split('&')) {
    const [key = '', ...value] = pair.split('=')
    if (!properties.has(key)) properties.set(key, decode(value.join('=')))
  }
  return properties
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
