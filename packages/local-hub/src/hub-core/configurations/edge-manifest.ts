import { isJsonObject, type JsonObject, memberOf, omitMembers } from '../json/json.ts'
import { mergePatch } from '../twin/merge-patch.ts'
import type { Assignment } from './assignment.ts'
import { type EdgeContent, isLayered, type ModuleContent } from './configuration-content.ts'

/** What one deployment wants of an edge device. */
export interface Deployment {
  readonly configurationId: string
  readonly content: EdgeContent
}

/** What an edge device gets of all that is wanted of it. */
export interface EdgeManifest {
  /** The deployments that are in it: one, and the layers over it. */
  readonly granted: ReadonlySet<string>
  /** What is to be put on the modules, one after the other. */
  readonly layers: readonly EdgeContent[]
}

/**
 * Settles which deployments an edge device gets: the strongest that is not layered, and over it the layered ones that are stronger.
 * Layers without anything below are not applied.
 *
 * @param deployments the strongest first.
 */
export function edgeManifest(deployments: readonly Deployment[]): EdgeManifest {
  const base = deployments.findIndex(({ content }) => !isLayered(content))
  const granted = deployments.slice(0, base + 1).toReversed()
  return {
    granted: new Set(granted.map(({ configurationId }) => configurationId)),
    layers: granted.map(({ content }) => content),
  }
}

/** The desired properties of a module after a deployment: all of them new, or those at the paths that it names. */
export function deployedProperties(desired: JsonObject, { replaces, assignments }: ModuleContent): JsonObject {
  return assignments.reduce(withAssignment, replaces ? {} : desired)
}

function withAssignment(desired: JsonObject, { path: [root = '', ...rest], value }: Assignment): JsonObject {
  const former = memberOf(desired, root)
  const inner = isJsonObject(former) ? former : {}
  const member = rest.length === 0 ? value : withAssignment(inner, { path: rest, value })
  return mergePatch(omitMembers(desired, [root]), Object.fromEntries([[root, member]]))
}
