import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

/** A reported property: its value, and what the device says about the desired value it was made of. */
export interface ReportedProperty {
  readonly value: JsonValue
  readonly acknowledgement: JsonObject
}

/** Reads a reported property, which is plain or an acknowledgement `{value, ac, av, ad}` (IoT Plug and Play conventions). */
export function readReportedProperty(reported: JsonValue): ReportedProperty {
  const ackCode = isJsonObject(reported) ? memberOf(reported, 'ac') : undefined
  if (!isJsonObject(reported) || ackCode === undefined) return { value: reported, acknowledgement: {} }
  const ackVersion = memberOf(reported, 'av')
  const ackDescription = memberOf(reported, 'ad')
  return {
    value: memberOf(reported, 'value') ?? null,
    acknowledgement: {
      ...(ackVersion === undefined ? {} : { ackVersion }),
      ackCode,
      ...(ackDescription === undefined ? {} : { ackDescription }),
    },
  }
}
