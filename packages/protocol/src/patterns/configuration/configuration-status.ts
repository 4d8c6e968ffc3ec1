import { clipText } from '../../json/clip-text.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'
import { limits } from '../../operation/limits.ts'
import { acknowledgementCode } from './acknowledgement.ts'

/** What became of a section of desired properties, with both of its values. */
export interface ConfigurationStatus {
  /** In the sense of `ConfigurationAcknowledgement.ac`. */
  readonly ac: number
  /** What is in use, wherever it comes from; absent where there is nothing. */
  readonly inUse?: JsonValue | undefined
  /** What is desired; absent where nothing is. */
  readonly desired?: JsonValue | undefined
  /** Why it is not in use, for people. */
  readonly ad?: string | undefined
}

/**
 * Writes the documented alternative of an acknowledgement: the members of the value in use, with `status` beside them, and
 * `pendingConfig` for a desired value that is not in use (twin configuration tutorial). The words are `Pending`, `Success` and
 * `Error` (query language page); a value of the device's own has none. A value that is not an object stands in `value`.
 *
 * @param status its description is cut to 128 characters, and must not hold a secret
 * @example
 * ```ts
 * encodeConfigurationStatus({ ac: 202, inUse: { configId: '1', fps: 30 }, desired: { configId: '2', fps: 5 } })
 * // { configId: '1', fps: 30, status: 'Pending', pendingConfig: { configId: '2', fps: 5 } }
 * ```
 */
export function encodeConfigurationStatus({ ac, inUse, desired, ad }: ConfigurationStatus): JsonObject {
  const values = inUse === undefined ? {} : isJsonObject(inUse) ? inUse : { value: inUse }
  const pending = desired === undefined ? {} : { pendingConfig: desired }
  switch (ac) {
    case acknowledgementCode.applied:
      return { ...values, status: 'Success' }
    case acknowledgementCode.deviceDefault:
      return { ...values }
    case acknowledgementCode.accepted:
      return { ...values, status: 'Pending', ...pending }
    default: {
      const error = { code: ac, message: clipText(ad ?? 'failed', limits.detailLength) }
      return { ...values, status: 'Error', ...pending, error }
    }
  }
}
