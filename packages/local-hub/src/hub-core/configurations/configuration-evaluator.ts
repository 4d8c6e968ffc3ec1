import { edgeSystemModules } from '../identity/edge-placement.ts'
import { type IdentityKey, moduleKey } from '../identity/identity-key.ts'
import type { QuerySource } from '../query/query-source.ts'
import type { TwinStore } from '../twin/twin-store.ts'
import { applySettlement, succeeds } from './apply-settlement.ts'
import type { ConfigurationRegistry } from './configuration-registry.ts'
import type { ConfiguredTwins } from './configured-twins.ts'
import { countMetrics } from './count-metrics.ts'
import { deployModules } from './deploy-modules.ts'
import { type Deployment, edgeManifest } from './edge-manifest.ts'
import { parseContent } from './parse-content.ts'
import { type Claim, settleClaims } from './settle-claims.ts'
import { StatusSheet } from './status-sheet.ts'
import { systemMetricQueries } from './system-metrics.ts'
import { findTargets } from './targeting.ts'
import { type ConfigurationStatus, changedStatuses, readStatuses, statusesView } from './twin-statuses.ts'

/** Told when what a configuration has come to on a twin changes; undefined when it no longer targets the twin. */
export type StatusListener = (
  key: IdentityKey,
  configurationId: string,
  status: ConfigurationStatus | undefined,
) => void

/** What a {@link ConfigurationEvaluator} works with. */
export interface EvaluatorParts {
  readonly configurations: ConfigurationRegistry
  readonly source: QuerySource
  readonly store: TwinStore
  readonly twins: ConfiguredTwins
  readonly onStatus: StatusListener
}

/**
 * Puts every configuration where it belongs, and counts its metrics (wire reference 6.4). What a configuration leaves behind when
 * it no longer targets a twin stays there, unless the next one in rank sets it.
 */
export class ConfigurationEvaluator {
  readonly #parts: EvaluatorParts

  constructor(parts: EvaluatorParts) {
    this.#parts = parts
  }

  evaluate(): void {
    const { configurations, source } = this.#parts
    const { claims, deployments } = findTargets(configurations.byRank(), source)
    const statuses = new StatusSheet()
    for (const [key, wanted] of claims) this.#settle(key, wanted, statuses)
    for (const [deviceId, wanted] of deployments) this.#deploy(deviceId, wanted, statuses)
    this.#writeStatuses(statuses)
    this.#countMetrics()
  }

  #settle(key: IdentityKey, claims: readonly Claim[], statuses: StatusSheet): void {
    const settlement = settleClaims(claims)
    const applied = applySettlement(this.#parts.twins, key, settlement)
    for (const { configurationId } of claims) {
      statuses.note(key, configurationId, statusOf(applied && settlement.granted.has(configurationId)))
    }
  }

  #deploy(deviceId: string, deployments: readonly Deployment[], statuses: StatusSheet): void {
    const { granted, layers } = edgeManifest(deployments)
    const applied = succeeds(() => deployModules(this.#parts.twins, deviceId, layers))
    for (const moduleId of edgeSystemModules) {
      for (const { configurationId } of deployments) {
        statuses.note(moduleKey(deviceId, moduleId), configurationId, statusOf(applied && granted.has(configurationId)))
      }
    }
  }

  #writeStatuses(statuses: StatusSheet): void {
    for (const [key, twin] of this.#parts.store.entries()) {
      const before = readStatuses(twin.configurations)
      const after = statuses.of(key)
      const changed = changedStatuses(before, after)
      if (changed.length === 0) continue
      this.#parts.store.set(key, { ...twin, configurations: statusesView(after) })
      for (const id of changed) this.#parts.onStatus(key, id, after.get(id))
    }
  }

  #countMetrics(): void {
    const { configurations, source } = this.#parts
    for (const { id, targetCondition, content, metricQueries } of configurations.all()) {
      const system = systemMetricQueries({ id, targetCondition, kind: parseContent(content).kind })
      configurations.setResults(id, countMetrics({ system, custom: metricQueries }, source))
    }
  }
}

function statusOf(applied: boolean): ConfigurationStatus {
  return applied ? 'Applied' : 'Targeted'
}
