import { isJsonObject, type JsonObject, type JsonValue, memberOf, omitMembers } from '../json/json.ts'
import type { Twin } from '../twin/twin.ts'
import { componentMark, isComponent } from './component.ts'
import { readReportedProperty } from './property-acknowledgement.ts'

/**
 * What a JSON Patch of a digital twin is applied to: every property with its desired value, or with the reported one where nothing
 * is desired; components with an empty `$metadata`, as patches write them.
 */
export function writableDocument({ desired, reported }: Twin): JsonObject {
  return unite(desired.properties, reported.properties)
}

/** A value of the document as it stands among the desired properties. */
export function desiredForm(value: JsonValue): JsonValue {
  if (!isJsonObject(value) || !Object.hasOwn(value, '$metadata')) return value
  return { ...componentMark, ...omitMembers(value, ['$metadata']) }
}

function unite(desired: JsonObject, reported: JsonObject): JsonObject {
  const names = new Set([...Object.keys(desired), ...Object.keys(reported)])
  names.delete('__t')
  return Object.fromEntries(
    [...names].map(name => [name, uniteMember(memberOf(desired, name), memberOf(reported, name))]),
  )
}

function uniteMember(desired: JsonValue | undefined, reported: JsonValue | undefined): JsonValue {
  if (isComponent(desired) || isComponent(reported)) {
    return { $metadata: {}, ...unite(isJsonObject(desired) ? desired : {}, isJsonObject(reported) ? reported : {}) }
  }
  return desired ?? (reported === undefined ? null : readReportedProperty(reported).value)
}
