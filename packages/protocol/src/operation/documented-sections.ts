import type { ActionDefinition, DocumentedState } from '../contract/action.ts'
import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import { createMergePatch } from '../json/merge-patch.ts'

/**
 * The patch that brings the documented sections of an action, at the root of the reported properties, up to its state. What
 * else stands in them is left alone.
 *
 * @param reported the reported properties as the hub has them
 * @returns undefined when the hub has everything, or the action has no such sections
 */
export function encodeDocumentedSections(
  action: ActionDefinition,
  state: DocumentedState,
  reported: JsonObject,
): JsonObject | undefined {
  const sections = Object.entries(action.pattern?.documentedSections?.of(state) ?? {})
  const patches = sections.flatMap(([name, section]) => {
    const value = Object.hasOwn(reported, name) ? reported[name] : undefined
    const known = isJsonObject(value) ? value : {}
    const patch = createMergePatch(known, { ...known, ...section })
    return patch === undefined ? [] : [[name, patch] as const]
  })
  return patches.length === 0 ? undefined : Object.fromEntries(patches)
}
