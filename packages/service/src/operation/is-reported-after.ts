import { isJsonObject, type JsonObject, type JsonValue, reportedRoot } from '@iothub-dm/protocol'

/** How far the clocks of hub and back end may be apart. */
const clockSkewInMs = 5 * 60_000

/**
 * Tells whether the operation that the twin shows for an action was first reported after a time, and not just by a difference of
 * clocks. The hub keeps the time of every change in `$metadata` (wire reference 3.2).
 *
 * @param reported the reported properties, with `$metadata`
 * @param timeInMs by the clock of the back end
 * @returns false also when the hub does not tell
 */
export function isReportedAfter(reported: JsonObject, actionName: string, timeInMs: number): boolean {
  const reportedAtInMs = operationIdTime(reported, actionName)
  return reportedAtInMs !== undefined && reportedAtInMs > timeInMs + clockSkewInMs
}

/**
 * When the operation that a section of the twin shows for an action was first written there, by the hub's clock.
 *
 * @param section the reported or the desired properties, with `$metadata`
 * @returns milliseconds since 1970; undefined when the hub does not tell
 */
export function operationIdTime(section: JsonObject, actionName: string): number | undefined {
  const path = ['$metadata', reportedRoot, actionName, 'operationId', '$lastUpdated']
  const lastUpdated = path.reduce<JsonValue | undefined>(memberOf, section)
  const timeInMs = typeof lastUpdated === 'string' ? Date.parse(lastUpdated) : Number.NaN
  return Number.isNaN(timeInMs) ? undefined : timeInMs
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
