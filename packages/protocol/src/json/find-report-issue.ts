import { limits } from '../operation/limits.ts'
import type { Issue } from '../schema/issues.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import { applyMergePatch } from './merge-patch.ts'
import { findTwinIssue } from './twin-rules.ts'
import { twinValueSize } from './twin-value-size.ts'

/**
 * Why the hub would refuse a patch of the reported properties (device twins guide, "Tags and properties format" and "Twin size"), so
 * that no call is spent on it.
 *
 * @param reported the reported properties as the hub has them
 * @param patch a merge patch; a null in it deletes
 * @returns undefined when the hub will take it; otherwise with the path of the value, or of the largest part of the patch
 */
export function findReportIssue(reported: JsonObject, patch: JsonObject): Issue | undefined {
  const added = applyMergePatch({}, patch)
  const issue = findTwinIssue(added, 0)
  if (issue !== undefined) return issue
  const bytes = twinValueSize(applyMergePatch(reported, patch))
  // What makes a twin smaller is never refused.
  if (bytes <= limits.twinSectionBytes || bytes <= twinValueSize(reported)) return undefined
  const message = `would bring the reported properties to ${bytes} bytes, the hub allows ${limits.twinSectionBytes}`
  return { path: pathOfLargest(added), message }
}

/** Follows the largest member as long as it alone is most of what there is. */
function pathOfLargest(value: JsonValue): readonly string[] {
  if (!isJsonObject(value)) return []
  const sizes = Object.entries(value).map(([key, member]) => [key, member, twinValueSize(member)] as const)
  const [largest] = sizes.toSorted(([, , left], [, , right]) => right - left)
  if (largest === undefined || 2 * largest[2] < twinValueSize(value)) return []
  return [largest[0], ...(largest[1] === undefined ? [] : pathOfLargest(largest[1]))]
}
