import { clipText } from '../../json/clip-text.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'
import { limits } from '../../operation/limits.ts'

/** What became of a section of desired properties (Plug and Play conventions, "Writable properties"). */
export const acknowledgementCode = {
  /** The desired value is in use. */
  applied: 200,
  /** The device has taken the desired value and is still at work. */
  accepted: 202,
  /** Nothing is desired; the device uses a value of its own. */
  deviceDefault: 203,
  /** The desired value breaks the schema; nothing has changed. */
  invalid: 400,
  /** The device failed to apply the desired value. */
  failed: 500,
} as const

/** A code of {@link acknowledgementCode}. */
export type AcknowledgementCode = (typeof acknowledgementCode)[keyof typeof acknowledgementCode]

/** The acknowledgement of a configuration, in the reported section of the same name. */
export interface ConfigurationAcknowledgement<TValue = JsonValue> {
  /** The desired value with 200 and 202, else the value that is really in use; absent where there is none. */
  readonly value?: TValue
  /** One of {@link acknowledgementCode}; other devices may send other codes, in the sense of HTTP. */
  readonly ac: number
  /** The `$version` of the desired properties that is acknowledged; 0 with 203. */
  readonly av: number
  /** In words, for people. */
  readonly ad?: string
}

/**
 * Writes an acknowledgement as reported properties hold it.
 *
 * @param acknowledgement its description is cut to 128 characters, and must not hold a secret
 * @example
 * ```ts
 * encodeAcknowledgement({ value: { fps: 5 }, ac: 200, av: 7 }) // reported as the section of the configuration
 * ```
 */
export function encodeAcknowledgement(acknowledgement: ConfigurationAcknowledgement): JsonObject {
  const { value, ac, av, ad } = acknowledgement
  return {
    ...(value === undefined ? {} : { value }),
    ac,
    av,
    ...(ad === undefined ? {} : { ad: clipText(ad, limits.detailLength) }),
  }
}

/**
 * Reads an acknowledgement.
 *
 * @param section the reported section of the configuration
 * @returns undefined when it is not of that form
 */
export function decodeAcknowledgement(section: JsonValue | undefined): ConfigurationAcknowledgement | undefined {
  if (!isJsonObject(section)) return undefined
  const { value, ac, av, ad } = section
  if (typeof ac !== 'number' || typeof av !== 'number') return undefined
  return {
    ...(value === undefined ? {} : { value }),
    ac,
    av,
    ...(typeof ad === 'string' ? { ad } : {}),
  }
}
