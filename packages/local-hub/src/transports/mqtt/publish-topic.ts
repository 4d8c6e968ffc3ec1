/** A device-to-cloud message; the rest of its topic holds the message properties. */
export interface TelemetryPublication {
  readonly kind: 'telemetry'
  readonly propertyBag: string
}

/** What a device may publish, by its topic (wire reference 1.10). */
export type DevicePublication =
  | TelemetryPublication
  | { readonly kind: 'twinGet'; readonly requestId: string }
  | { readonly kind: 'reportedPatch'; readonly requestId: string; readonly expectedVersion: number | undefined }
  | { readonly kind: 'methodResponse'; readonly requestId: string; readonly status: number }

const telemetryPattern = /^devices\/([^/]+)\/messages\/events(?:\/(.*))?$/s
const requestPattern = /^(.+)\/\?(.*)$/s
const methodResponsePattern = /^\$iothub\/methods\/res\/(-?\d{1,9})$/

/** Reads the topic of a publish by this device; undefined when the hub does not allow it. */
export function parsePublishTopic(topic: string, deviceId: string): DevicePublication | undefined {
  return topic.startsWith('$iothub/') ? parseRequestTopic(topic) : parseTelemetryTopic(topic, deviceId)
}

function parseTelemetryTopic(topic: string, deviceId: string): DevicePublication | undefined {
  const match = telemetryPattern.exec(topic)
  if (match?.[1] !== deviceId) return undefined
  return { kind: 'telemetry', propertyBag: (match[2] ?? '').replace(/\/$/, '') }
}

function parseRequestTopic(topic: string): DevicePublication | undefined {
  const [, path = '', query = ''] = requestPattern.exec(topic) ?? []
  const parameters = new Map(query.split('&').map(parseParameter))
  const requestId = parameters.get('$rid')
  if (requestId === undefined) return undefined
  if (path === '$iothub/twin/GET') return { kind: 'twinGet', requestId }
  if (path === '$iothub/twin/PATCH/properties/reported') {
    const version = parameters.get('$version')
    return { kind: 'reportedPatch', requestId, expectedVersion: version === undefined ? undefined : Number(version) }
  }
  const status = methodResponsePattern.exec(path)?.[1]
  return status === undefined ? undefined : { kind: 'methodResponse', requestId, status: Number(status) }
}

function parseParameter(pair: string): [string, string] {
  const equals = pair.indexOf('=')
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
}
