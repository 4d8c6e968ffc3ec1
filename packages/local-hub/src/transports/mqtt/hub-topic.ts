import type { CloudToDeviceMessage } from '../../hub-core/cloud-to-device/cloud-to-device-message.ts'
import { formatPropertyBag } from './property-bag.ts'

/** The topics on which the hub publishes to a device (wire reference 1.14 to 1.16). */
export const hubTopic = {
  methodRequest: (methodName: string, requestId: string): string =>
    `$iothub/methods/POST/${encodeMethodName(methodName)}/?$rid=${requestId}`,
  desiredPatch: (version: number): string => `$iothub/twin/PATCH/properties/desired/?$version=${version}`,
  twinResponse: (status: number, requestId: string): string => `$iothub/twin/res/${status}/?$rid=${requestId}`,
  reportedResponse: (requestId: string, version: number): string =>
    `$iothub/twin/res/204/?$rid=${requestId}&$version=${version}`,
  cloudToDevice: (deviceId: string, message: CloudToDeviceMessage): string =>
    `devices/${deviceId}/messages/devicebound/${formatPropertyBag(messageProperties(message))}`,
} as const

function messageProperties(message: CloudToDeviceMessage): readonly (readonly [string, string])[] {
  const { acknowledgement, properties } = message
  const optional: readonly (readonly [string, string | undefined])[] = [
    ['$.cid', message.correlationId],
    ['$.uid', message.userId],
    ['$.ct', message.contentType],
    ['$.ce', message.contentEncoding],
    ['iothub-ack', acknowledgement === 'none' ? undefined : acknowledgement],
  ]
  return [
    ['$.to', message.to],
    ['$.mid', message.messageId],
    ...optional.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
    ...Object.entries(properties),
  ]
}

/** Encodes what cannot stand in a topic segment; `*`, which Plug and Play commands contain, stays as it is. */
function encodeMethodName(name: string): string {
  return name.replace(/[^A-Za-z0-9\-._~!$&'()*,;=:@]/gu, encodeURIComponent)
}
