import type { Clock } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import { assertPrecondition, type Precondition } from '../precondition/if-match.ts'
import type { TierName } from '../throttle/hub-tier.ts'
import { type Configuration, type ConfigurationSettings, configurationEtag } from './configuration.ts'
import type { ConfigurationRequest } from './configuration-request.ts'
import { type MetricResults, noResults } from './metric-results.ts'

/** How many configurations a hub may have: fewer on the free tier (wire reference 6.4). */
export function configurationLimit(tier: TierName | undefined): number {
  return tier === 'F1' ? 20 : 100
}

/** The configurations of the hub and the conditions under which they are written (wire reference 2.5, 6). */
export class ConfigurationRegistry {
  readonly #clock: Clock
  readonly #limit: number
  readonly #configurations: Map<string, Configuration>
  readonly #results = new Map<string, MetricResults>()

  /**
   * @param limit how many there may be.
   * @param configurations where they are kept, by id, in the order of creation.
   */
  constructor(clock: Clock, limit: number, configurations: Map<string, Configuration> = new Map()) {
    this.#clock = clock
    this.#limit = limit
    this.#configurations = configurations
  }

  get size(): number {
    return this.#configurations.size
  }

  find(id: string): Configuration | undefined {
    return this.#configurations.get(id)
  }

  /** @throws HubError `ConfigurationNotFound` (404). */
  get(id: string): Configuration {
    const configuration = this.#configurations.get(id)
    if (configuration === undefined) throw new HubError('ConfigurationNotFound', id)
    return configuration
  }

  /** Every configuration, in the order of creation. */
  all(): readonly Configuration[] {
    return [...this.#configurations.values()]
  }

  /** Every configuration, the one that wins first: by priority, then the newest (wire reference 6.4). */
  byRank(): readonly Configuration[] {
    return this.all()
      .toReversed()
      .toSorted((first, second) => second.priority - first.priority)
  }

  /** @throws HubError 409 `ConfigurationAlreadyExists`, 413 `ConfigurationCountLimitExceeded`. */
  create(id: string, { settings, content }: ConfigurationRequest): Configuration {
    if (this.#configurations.has(id)) {
      throw new HubError('ConfigurationAlreadyExists', `A configuration with ID '${id}' already exists.`)
    }
    if (this.size >= this.#limit) {
      throw new HubError(
        'ConfigurationCountLimitExceeded',
        `Number of deployments exceed the maximum quota ${this.#limit} for this IotHub.`,
      )
    }
    const now = this.#clock.now()
    const configuration = { id, ...settings, content, createdAt: now, updatedAt: now, version: 1 }
    this.#configurations.set(id, configuration)
    return configuration
  }

  /**
   * Changes everything but the content.
   *
   * @throws HubError 404 when the configuration does not exist, 412 when the etag is stale.
   */
  update(id: string, settings: ConfigurationSettings, precondition: Precondition): Configuration {
    const current = this.get(id)
    assertPrecondition(precondition, configurationEtag(current))
    const configuration = { ...current, ...settings, updatedAt: this.#clock.now(), version: current.version + 1 }
    this.#configurations.set(id, configuration)
    return configuration
  }

  /** @throws HubError 404 when the configuration does not exist, 412 when the etag is stale. */
  delete(id: string, precondition: Precondition): void {
    assertPrecondition(precondition, configurationEtag(this.get(id)))
    this.#configurations.delete(id)
    this.#results.delete(id)
  }

  resultsOf(id: string): MetricResults {
    return this.#results.get(id) ?? noResults
  }

  setResults(id: string, results: MetricResults): void {
    this.#results.set(id, results)
  }
}
