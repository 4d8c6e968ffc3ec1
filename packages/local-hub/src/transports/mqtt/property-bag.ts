import type { TelemetrySystemProperties } from '../../hub-core/telemetry/telemetry-message.ts'

/** The properties of a message, decoded. */
export interface PropertyBag {
  readonly systemProperties: TelemetrySystemProperties
  readonly properties: Readonly<Record<string, string>>
}

const systemKeys: Readonly<Record<string, keyof TelemetrySystemProperties>> = {
  '$.mid': 'messageId',
  '$.cid': 'correlationId',
  '$.uid': 'userId',
  '$.to': 'to',
  '$.ct': 'contentType',
  '$.ce': 'contentEncoding',
  '$.exp': 'expiryTimeUtc',
  '$.ctime': 'creationTimeUtc',
  '$.on': 'outputName',
  '$.cdid': 'connectionDeviceId',
  '$.cmid': 'connectionModuleId',
  '$.ifid': 'interfaceId',
  '$.sub': 'componentName',
  '$.schema': 'messageSchema',
}

/**
 * Reads a property bag: percent-encoded `key=value` pairs joined with `&`, the system's own marked by `$.` (wire reference 1.13).
 * The last of several values counts; text that
 * is not well encoded is taken as it is; `+` is no space.
 *
 * @param text may end in a slash, which is not part of it.
 */
export function parsePropertyBag(text: string): PropertyBag {
  const pairs = text
    .replace(/\/$/, '')
    .split('&')
    .filter(pair => pair !== '')
    .map(parsePair)
  return {
    systemProperties: Object.fromEntries(
      pairs.flatMap(([key, value]) => {
        const systemKey = systemKeyOf(key)
        return systemKey === undefined ? [] : [[systemKey, value]]
      }),
    ),
    properties: Object.fromEntries(pairs.filter(([key]) => systemKeyOf(key) === undefined)),
  }
}

/** Writes a property bag, with everything but unreserved characters encoded. */
export function formatPropertyBag(pairs: readonly (readonly [key: string, value: string])[]): string {
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')
}

function systemKeyOf(key: string): keyof TelemetrySystemProperties | undefined {
  return Object.hasOwn(systemKeys, key) ? systemKeys[key] : undefined
}

function parsePair(pair: string): readonly [key: string, value: string] {
  const equals = pair.indexOf('=')
  return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
