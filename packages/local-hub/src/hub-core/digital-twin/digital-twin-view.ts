import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import type { Twin } from '../twin/twin.ts'
import { isComponent } from './component.ts'
import { readReportedProperty } from './property-acknowledgement.ts'

/** Properties with their `$metadata`, of a whole twin or of one component. */
interface PropertyTree {
  readonly properties: JsonObject
  readonly metadata: JsonObject
}

/**
 * A twin in the shape of its Plug and Play model: the values that the device reports, what is desired of them in `$metadata`, and
 * components as objects of their own (Understand IoT Plug and Play digital twins).
 */
export function digitalTwinView(deviceId: string, modelId: string, { desired, reported }: Twin): JsonObject {
  const { $metadata, ...values } = treeView(desired, reported)
  return { $dtId: deviceId, ...values, $metadata: { $model: modelId, ...$metadata } }
}

function treeView(desired: PropertyTree, reported: PropertyTree): JsonObject & { readonly $metadata: JsonObject } {
  const values = new Map<string, JsonValue>()
  const metadata = new Map<string, JsonValue>()
  for (const name of new Set([...Object.keys(desired.properties), ...Object.keys(reported.properties)])) {
    const desiredValue = memberOf(desired.properties, name)
    const reportedValue = memberOf(reported.properties, name)
    if (name === '__t') continue
    if (isComponent(desiredValue) || isComponent(reportedValue)) {
      values.set(name, treeView(subtree(desired, name), subtree(reported, name)))
      continue
    }
    if (reportedValue !== undefined) values.set(name, readReportedProperty(reportedValue).value)
    metadata.set(name, propertyMetadata(desired, reported, name))
  }
  return { ...Object.fromEntries(values), $metadata: Object.fromEntries(metadata) }
}

function propertyMetadata(desired: PropertyTree, reported: PropertyTree, name: string): JsonObject {
  const desiredValue = memberOf(desired.properties, name)
  const desiredStamp = objectMember(desired.metadata, name)
  const reportedValue = memberOf(reported.properties, name)
  const reportedStamp = objectMember(reported.metadata, name)
  return {
    ...(desiredValue === undefined
      ? {}
      : { desiredValue, desiredVersion: memberOf(desiredStamp, '$lastUpdatedVersion') ?? null }),
    ...(reportedValue === undefined ? {} : readReportedProperty(reportedValue).acknowledgement),
    lastUpdateTime: memberOf(reportedValue === undefined ? desiredStamp : reportedStamp, '$lastUpdated') ?? null,
  }
}

function subtree({ properties, metadata }: PropertyTree, name: string): PropertyTree {
  return { properties: objectMember(properties, name), metadata: objectMember(metadata, name) }
}

function objectMember(object: JsonObject, name: string): JsonObject {
  const member = memberOf(object, name)
  return isJsonObject(member) ? member : {}
}
