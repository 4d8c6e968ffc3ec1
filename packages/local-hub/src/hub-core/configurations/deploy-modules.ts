import { moduleKey } from '../identity/identity-key.ts'
import type { JsonObject } from '../json/json.ts'
import { jsonEqual } from '../json/json-equal.ts'
import { desiredDifference } from '../twin/desired-difference.ts'
import type { EdgeContent } from './configuration-content.ts'
import type { ConfiguredTwins } from './configured-twins.ts'
import { deployedProperties } from './edge-manifest.ts'

/**
 * Puts deployments on the modules of an edge device, one over the other; modules that it does not have are created (wire reference
 * 6.5). Modules that no deployment names are left alone.
 *
 * @throws HubError when a module cannot be created or its twin does not take the properties.
 */
export function deployModules(twins: ConfiguredTwins, deviceId: string, layers: readonly EdgeContent[]): void {
  const wanted = new Map<string, JsonObject>()
  for (const [moduleId, content] of layers.flatMap(({ modules }) => [...modules])) {
    const before = wanted.get(moduleId) ?? twins.desiredOf(moduleKey(deviceId, moduleId)) ?? {}
    wanted.set(moduleId, deployedProperties(before, content))
  }
  for (const [moduleId, properties] of wanted) {
    const key = moduleKey(deviceId, moduleId)
    twins.ensureModule(deviceId, moduleId)
    const desired = twins.desiredOf(key) ?? {}
    if (!jsonEqual(desired, properties)) twins.patchDesired(key, desiredDifference(desired, properties))
  }
}
