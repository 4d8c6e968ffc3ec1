import { isJsonObject, type JsonObject, memberOf } from '../json/json.ts'

/** What a configuration has come to on a twin: it should be applied there, or it is (wire reference 6.4). */
export type ConfigurationStatus = 'Targeted' | 'Applied'

/** What configurations have come to on one twin, by their ids. */
export type TwinStatuses = ReadonlyMap<string, ConfigurationStatus>

/** Reads the `configurations` member of a twin. */
export function readStatuses(configurations: JsonObject): TwinStatuses {
  const statuses = new Map<string, ConfigurationStatus>()
  for (const [id, value] of Object.entries(configurations)) {
    const isApplied = isJsonObject(value) && memberOf(value, 'status') === 'Applied'
    statuses.set(id, isApplied ? 'Applied' : 'Targeted')
  }
  return statuses
}

/** The `configurations` member of a twin. */
export function statusesView(statuses: TwinStatuses): JsonObject {
  return Object.fromEntries([...statuses].map(([id, status]) => [id, { status }]))
}

/** The ids whose status is not the same. */
export function changedStatuses(before: TwinStatuses, after: TwinStatuses): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(id => before.get(id) !== after.get(id))
}
