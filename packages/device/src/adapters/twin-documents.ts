import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import { HubConnectionError, type TwinRefusal } from '../connection/errors.ts'
import type { DeviceTwin } from '../connection/hub-connection.ts'

/** Longest text of the hub that goes into an error message. */
const maxHubMessageLength = 300

/**
 * Reads the twin as the hub sends it to a device (wire reference 1.15).
 *
 * @throws HubConnectionError `InvalidHubAnswer`
 */
export function parseDeviceTwin(body: Uint8Array): DeviceTwin {
  const twin = parseJson(body)
  const desired = isJsonObject(twin) ? splitVersion(twin.desired) : undefined
  const reported = isJsonObject(twin) ? splitVersion(twin.reported) : undefined
  if (desired?.version === undefined || reported?.version === undefined) {
    throw new HubConnectionError(
      'InvalidHubAnswer',
      'the hub sent a twin that is not JSON with desired and reported properties and their versions',
    )
  }
  return {
    desired: desired.properties,
    desiredVersion: desired.version,
    reported: reported.properties,
    reportedVersion: reported.version,
  }
}

/**
 * Reads a patch of the desired properties.
 *
 * @param topicVersion the version that the topic states; counts when the body has none
 * @returns undefined when it is not JSON or has no version
 */
export function parseDesiredPatch(
  body: Uint8Array,
  topicVersion: number | undefined,
): { readonly patch: JsonObject; readonly version: number } | undefined {
  const parts = splitVersion(parseJson(body))
  const version = parts?.version ?? topicVersion
  return parts === undefined || version === undefined ? undefined : { patch: parts.properties, version }
}

/** Reads why the hub refused a twin request. The body may be empty or no JSON at all; then the status has to do. */
export function parseTwinRefusal(answer: { readonly status: number; readonly body: Uint8Array }): TwinRefusal {
  const body = parseJson(answer.body)
  if (!isJsonObject(body)) return { status: answer.status }
  const { errorCode, message, trackingId } = body
  return {
    status: answer.status,
    hubCode: typeof errorCode === 'number' ? errorCode : undefined,
    hubMessage: typeof message === 'string' ? message.slice(0, maxHubMessageLength) : undefined,
    trackingId: typeof trackingId === 'string' ? trackingId : undefined,
  }
}

function splitVersion(
  section: JsonValue | undefined,
): { readonly properties: JsonObject; readonly version: number | undefined } | undefined {
  if (!isJsonObject(section)) return undefined
  const { $version, ...properties } = section
  return { properties, version: typeof $version === 'number' ? $version : undefined }
}

function parseJson(body: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
