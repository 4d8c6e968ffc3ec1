import type { HubCore } from '../src/hub-core/hub-core.ts'
import { isJsonObject, type JsonObject, type JsonValue, omitMembers } from '../src/hub-core/json/json.ts'
import type { Precondition } from '../src/hub-core/precondition/if-match.ts'

const none: Precondition = { kind: 'none' }

/** Creates a device with tags. */
export function addDevice(core: HubCore, deviceId: string, tags: JsonObject, iotEdge = false): void {
  core.identities.put(deviceId, { capabilities: { iotEdge } }, none)
  core.twins.patch(deviceId, { tags }, none)
}

/** A device configuration for `tags.site = 'oslo'`. */
export function configure(core: HubCore, id: string, deviceContent: JsonObject, rest: JsonObject = {}): void {
  core.configurations.put(id, { id, content: { deviceContent }, targetCondition: "tags.site = 'oslo'", ...rest }, none)
}

/** The desired properties of a twin, without what the hub adds. */
export function desiredOf(core: HubCore, key: string): JsonValue {
  const { properties } = core.twins.get(key)
  const desired = isJsonObject(properties) ? properties.desired : undefined
  return isJsonObject(desired) ? omitMembers(desired, ['$metadata', '$version']) : {}
}

/** The `configurations` member of a twin. */
export function statusesOf(core: HubCore, key: string): JsonValue {
  return core.twins.get(key).configurations ?? {}
}

/** The results of all metrics of a configuration. */
export function resultsOf(core: HubCore, id: string): JsonObject {
  const { systemMetrics, metrics } = core.configurations.get(id)
  return {
    ...(isJsonObject(systemMetrics) && isJsonObject(systemMetrics.results) ? systemMetrics.results : {}),
    ...(isJsonObject(metrics) && isJsonObject(metrics.results) ? metrics.results : {}),
  }
}

/** What a twin shows of a configuration. */
export const applied: JsonObject = { status: 'Applied' }
export const targeted: JsonObject = { status: 'Targeted' }
