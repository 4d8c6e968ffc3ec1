import { type IdentityKey, identityName } from '../../hub-core/identity/identity-key.ts'

/** A device-to-cloud message; the rest of its topic holds the message properties. */
export interface TelemetryPublication {
  readonly kind: 'telemetry'
  readonly propertyBag: string
}

/** What a device or module may publish, by its topic (wire reference 1.10). */
export type DevicePublication =
  | TelemetryPublication
  | { readonly kind: 'twinGet'; readonly requestId: string }
  | { readonly kind: 'reportedPatch'; readonly requestId: string; readonly expectedVersion: number | undefined }
  | { readonly kind: 'methodResponse'; readonly requestId: string; readonly status: number }

/** So that an answer with the same id fits into a topic, which has 65,535 bytes at most. */
const maxRequestIdInBytes = 65_000

const requestPattern = /^(.+)\/\?(.*)$/s
const methodResponsePattern = /^\$iothub\/methods\/res\/(-?\d{1,9})$/

/** Reads the topic of a publish by this identity; undefined when the hub does not allow it. */
export function parsePublishTopic(topic: string, identity: IdentityKey): DevicePublication | undefined {
  return topic.startsWith('$iothub/') ? parseRequestTopic(topic) : parseTelemetryTopic(topic, identity)
}

/** The message with a property that the hub adds. */
export function marked({ kind, propertyBag }: TelemetryPublication, mark: string): TelemetryPublication {
  return { kind, propertyBag: propertyBag === '' ? mark : `${propertyBag}&${mark}` }
}

/** Where an identity publishes its telemetry, without the properties. */
function telemetryTopic(identity: IdentityKey): string {
  const { deviceId, moduleId } = identityName(identity)
  return moduleId === undefined
    ? `devices/${deviceId}/messages/events`
    : `devices/${deviceId}/modules/${moduleId}/messages/events`
}

function parseTelemetryTopic(topic: string, identity: IdentityKey): TelemetryPublication | undefined {
  const own = telemetryTopic(identity)
  if (topic !== own && !topic.startsWith(`${own}/`)) return undefined
  return { kind: 'telemetry', propertyBag: topic.slice(own.length + 1).replace(/\/$/, '') }
}

function parseRequestTopic(topic: string): DevicePublication | undefined {
  const [, path = '', query = ''] = requestPattern.exec(topic) ?? []
  const parameters = new Map(query.split('&').map(parseParameter))
  const requestId = parameters.get('$rid')
  if (requestId === undefined || Buffer.byteLength(requestId) > maxRequestIdInBytes) return undefined
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
