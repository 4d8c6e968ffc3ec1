import type { JsonObject } from '../json/json.ts'
import { jsonEqual } from '../json/json-equal.ts'
import { valueAt } from '../query/json-document.ts'
import { mergePatch } from '../twin/merge-patch.ts'
import { type Assignment, composePatches, isWithin, patchOf } from './assignment.ts'

/** What one configuration wants of a twin. */
export interface Claim {
  readonly configurationId: string
  readonly assignments: readonly Assignment[]
}

/** What a twin gets of all that is wanted of it. */
export interface Settlement {
  readonly assignments: readonly Assignment[]
  /** The configurations that were granted something, or wanted nothing. */
  readonly granted: ReadonlySet<string>
}

/**
 * Settles who decides about which part of a twin: the strongest claim to a path, or to a path above it (wire reference 6.4). A
 * stronger claim to a part of what a weaker one sets is laid over it.
 *
 * @param claims the strongest first.
 */
export function settleClaims(claims: readonly Claim[]): Settlement {
  const won: Assignment[] = []
  const granted = new Set<string>()
  for (const { configurationId, assignments } of claims) {
    const free = assignments.filter(({ path }) => !won.some(stronger => isWithin(path, stronger.path)))
    if (free.length > 0 || assignments.length === 0) granted.add(configurationId)
    won.push(...free)
  }
  const overlay = won.map(patchOf).toReversed().reduce(composePatches, {})
  return { assignments: won.map(({ path }) => ({ path, value: valueAt(overlay, path) ?? null })), granted }
}

/** The patch that gives a twin what it does not have yet of a settlement; undefined when it has everything. */
export function missingPatch({ assignments }: Settlement, desired: JsonObject): JsonObject | undefined {
  const missing = assignments.map(patchOf).filter(patch => !jsonEqual(mergePatch(desired, patch), desired))
  return missing.length === 0 ? undefined : missing.reduce(composePatches)
}
