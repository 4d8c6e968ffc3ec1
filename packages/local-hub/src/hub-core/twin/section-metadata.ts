import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

/** What is written beside every property that a write names. */
export interface MetadataStamp {
  readonly $lastUpdated: string
  /** Desired properties only: the `$version` of the write. */
  readonly $lastUpdatedVersion?: number
}

/**
 * Brings `$metadata` in step with a patch: each property that the patch names and each of its ancestors gets the stamp, also
 * when the value did not change; a deleted property loses its metadata (wire reference 3.2).
 */
export function patchMetadata(metadata: JsonValue | undefined, patch: JsonValue, stamp: MetadataStamp): JsonObject {
  if (!isJsonObject(patch)) return { ...stamp }
  const current = isJsonObject(metadata) ? metadata : {}
  const patched = new Map<string, JsonValue>(Object.entries({ ...current, ...stamp }))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) patched.delete(key)
    else patched.set(key, patchMetadata(memberOf(current, key), value, stamp))
  }
  return Object.fromEntries(patched)
}
