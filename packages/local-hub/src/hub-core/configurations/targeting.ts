import type { IdentityKey } from '../identity/identity-key.ts'
import type { QuerySource } from '../query/query-source.ts'
import { targetsOf } from '../targets-of.ts'
import type { Configuration } from './configuration.ts'
import type { Deployment } from './edge-manifest.ts'
import { parseContent } from './parse-content.ts'
import type { Claim } from './settle-claims.ts'
import { parseTargetCondition } from './target-condition.ts'

/** What all configurations together want, the strongest first in every list. */
export interface Targeting {
  /** By device or module. */
  readonly claims: ReadonlyMap<IdentityKey, readonly Claim[]>
  /** By edge device. */
  readonly deployments: ReadonlyMap<IdentityKey, readonly Deployment[]>
}

/**
 * Finds what configurations want of which twins.
 *
 * @param configurations the strongest first.
 */
export function findTargets(configurations: readonly Configuration[], source: QuerySource): Targeting {
  const claims = new Map<IdentityKey, Claim[]>()
  const deployments = new Map<IdentityKey, Deployment[]>()
  for (const { id: configurationId, content: body, targetCondition } of configurations) {
    const content = parseContent(body)
    const condition = parseTargetCondition(targetCondition, content.kind)
    if (condition === undefined) continue
    for (const key of targetsOf(source, condition)) {
      if (content.kind === 'edge') addTo(deployments, key, { configurationId, content })
      else addTo(claims, key, { configurationId, assignments: content.assignments })
    }
  }
  return { claims, deployments }
}

function addTo<TItem>(lists: Map<string, TItem[]>, key: string, item: TItem): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}
