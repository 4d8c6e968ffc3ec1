import { formatHubTime } from '../../hub-core/clock/hub-time.ts'
import type { LockedMessage } from '../../hub-core/cloud-to-device/cloud-to-device-message.ts'

/** The headers under which a device gets a cloud-to-device message over HTTP (wire reference 1.19). */
export function deviceBoundHeaders(message: LockedMessage): Readonly<Record<string, string>> {
  const optional = {
    'iothub-correlationid': message.correlationId,
    'iothub-userid': message.userId,
    'content-encoding': message.contentEncoding,
  }
  return {
    'content-type': headerText(message.contentType ?? 'application/octet-stream'),
    ETag: `"${message.lockToken}"`,
    'iothub-messageid': headerText(message.messageId),
    'iothub-to': message.to,
    'iothub-ack': message.acknowledgement,
    'iothub-sequencenumber': String(message.sequenceNumber),
    'iothub-enqueuedtime': formatHubTime(message.enqueuedAt),
    'iothub-expiry': formatHubTime(message.expiresAt),
    'iothub-deliverycount': String(message.deliveryCount),
    ...present(optional),
    ...Object.fromEntries(
      Object.entries(message.properties).map(([name, value]) => [
        `iothub-app-${encodeURIComponent(name)}`,
        headerText(value),
      ]),
    ),
  }
}

function present(headers: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, headerText(value)]],
  )
  return Object.fromEntries(entries)
}

/** Text as it can stand in a header: percent-encoded when it is not printable ASCII. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text)
}
