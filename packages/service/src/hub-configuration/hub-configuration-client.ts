import type { Contract } from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import { InvalidHubConfigurationError } from '../errors/hub-configuration-errors.ts'
import { HubError } from '../hub/hub-error.ts'
import type {
  HubCallOptions,
  HubConfigurationDocument,
  HubConfigurationReading,
  HubWriteOptions,
} from '../hub/iot-hub.ts'
import { type Paged, paged } from '../query/paged.ts'
import { readPages } from '../query/read-pages.ts'
import { type CampaignFirmware, campaignContent, campaignMetrics } from './firmware-campaign.ts'
import type { HubConfiguration } from './hub-configuration.ts'
import { encodeContent, type HubConfigurationContent } from './hub-configuration-content.ts'
import {
  checkConfigurationId,
  checkMetrics,
  checkPriority,
  type HubConfigurationOptions,
  metricQuery,
} from './hub-configuration-options.ts'

/** The hub configurations of a fleet. A hub has at most 100 of them. */
export interface HubConfigurationClient<TContract extends Contract = Contract> {
  /**
   * Makes the devices of a condition desire values of the contract, now and later. The hub is asked first whether it takes the
   * condition and the metrics.
   *
   * @param id 1 to 128 lower-case letters, digits and `- + % _ * ! '`
   * @throws InvalidRequestError when a value breaks its schema, InvalidHubConfigurationError when the hub does not take a query; nothing
   * is written then
   * @throws HubError `AlreadyExists` when there is one of that id
   * @example
   * ```ts
   * await fleet.hubConfigurations.create('oslo-1', { telemetry: { sendFrequencySeconds: 60 } }, {
   *   condition: where(t => t.tags('site').eq('oslo')),
   *   priority: 10,
   * })
   * ```
   */
  create(
    id: string,
    content: HubConfigurationContent<TContract>,
    options?: HubConfigurationOptions<TContract>,
  ): Promise<HubConfiguration>
  /**
   * Brings firmware to the devices of a condition, now and later, with the metrics `current`, `applying`, `rebooting`, `error` and
   * `rolledback` of Microsoft's tutorial. To take it back, remove it: the configuration with the next lower priority takes over.
   *
   * @throws as `create` does, and TypeError for firmware that is of no use
   */
  createFirmwareCampaign(
    id: string,
    firmware: CampaignFirmware,
    options?: Omit<HubConfigurationOptions<TContract>, 'metrics'>,
  ): Promise<HubConfiguration>
  /** @throws HubError `ConfigurationNotFound` */
  get(id: string, options?: HubCallOptions): Promise<HubConfiguration>
  list(options?: HubCallOptions): Promise<readonly HubConfiguration[]>
  /**
   * Changes condition, priority, metrics or labels; what is left out stays. The content of a configuration cannot be changed: make
   * another one with a higher priority.
   *
   * @throws HubError `PreconditionFailed` when somebody else has changed it at the same time
   * @throws InvalidHubConfigurationError when the hub does not take a query; nothing is written then
   */
  update(id: string, changes: HubConfigurationOptions<TContract>): Promise<HubConfiguration>
  /**
   * Removes it; the configuration with the next lower priority takes over on its devices. Without one the values stay.
   *
   * @throws HubError `ConfigurationNotFound`
   */
  remove(id: string, options?: HubWriteOptions): Promise<void>
  /**
   * The devices that a metric counts, found now: the counts in the configuration are up to five minutes old.
   *
   * @param metric one of its own, or `targetedCount` or `appliedCount`
   * @throws HubError `ConfigurationNotFound` while it is iterated, TypeError when it has no such metric
   */
  devicesOf(id: string, metric: string): Paged<string>
}

/** Makes the client. */
export function createHubConfigurationClient<TContract extends Contract>(
  contract: TContract,
  context: ActionContext,
): HubConfigurationClient<TContract>
export function createHubConfigurationClient(
  contract: Contract,
  { hub, clock }: ActionContext,
): HubConfigurationClient {
  const write = async (document: HubConfigurationDocument, options: HubWriteOptions): Promise<HubConfiguration> => {
    checkMetrics(document.metricQueries)
    checkPriority(document.priority)
    const { timeoutInMs, abortSignal } = options
    // The hub takes `*` for a condition, but not in a test (wire reference 6.3).
    const tested = document.targetCondition === '*' ? '' : document.targetCondition
    const queries = { targetCondition: tested, metricQueries: document.metricQueries }
    const errors = await hub.testConfigurationQueries(queries, { timeoutInMs, abortSignal })
    const isTaken = errors.targetCondition === undefined || tested === ''
    if (!isTaken || Object.keys(errors.metrics).length > 0) throw new InvalidHubConfigurationError(document.id, errors)
    return toHubConfiguration(await hub.putConfiguration(document, options))
  }
  const read = async (id: string, options?: HubCallOptions): Promise<HubConfigurationReading> => {
    const found = await hub.getConfiguration(id, options)
    if (found === undefined) throw new HubError('ConfigurationNotFound', `the hub has no configuration '${id}'`)
    return found
  }
  const create: HubConfigurationClient['create'] = async (id, content, options = {}) => {
    checkConfigurationId(id)
    const { condition, priority = 0, metrics = {}, labels = {}, ...bounds } = options
    const targetCondition = condition?.text ?? '*'
    const deviceContent = encodeContent(contract, content)
    const metricQueries = queriesOf(id, metrics)
    return write({ id, targetCondition, priority, deviceContent, metricQueries, labels }, bounds)
  }
  return Object.freeze({
    create,
    async createFirmwareCampaign(id, firmware, options = {}) {
      checkConfigurationId(id)
      const { condition, priority = 0, labels = {}, ...bounds } = options
      const targetCondition = condition?.text ?? '*'
      const deviceContent = campaignContent(firmware)
      const metricQueries = campaignMetrics(id)
      return write({ id, targetCondition, priority, deviceContent, metricQueries, labels }, bounds)
    },
    get: async (id, options) => toHubConfiguration(await read(id, options)),
    list: async options => (await hub.listConfigurations(options)).map(toHubConfiguration),
    async update(id, { condition, priority, metrics, labels, ...bounds }) {
      const known = await read(id, bounds)
      const changed = {
        ...known,
        targetCondition: condition?.text ?? known.targetCondition,
        priority: priority ?? known.priority,
        metricQueries: metrics === undefined ? known.metricQueries : queriesOf(id, metrics),
        labels: labels ?? known.labels,
      }
      return write(changed, { ...bounds, etag: known.etag })
    },
    async remove(id, options) {
      await hub.deleteConfiguration(id, options)
    },
    devicesOf: (id, metric) =>
      paged<string>(async function* (options) {
        const { metricQueries, systemMetricQueries } = await read(id)
        const query = metricQueries[metric] ?? systemMetricQueries[metric]
        if (query === undefined) throw new TypeError(`configuration '${id}' has no metric '${metric}'`)
        for await (const rows of readPages(hub, clock, query, options)) {
          yield rows.flatMap(({ deviceId }) => (typeof deviceId === 'string' ? [deviceId] : []))
        }
      }),
  } satisfies HubConfigurationClient)
}

function queriesOf(
  id: string,
  metrics: NonNullable<HubConfigurationOptions<never>['metrics']>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metrics).map(([name, { text }]) => [name, metricQuery(id, text)]))
}

function toHubConfiguration(reading: HubConfigurationReading): HubConfiguration {
  const { metricQueries, metricResults, systemMetricQueries: _queries, systemMetricResults, ...rest } = reading
  const metrics = Object.entries(metricQueries).map(
    ([name, query]) => [name, { query, devices: metricResults[name] }] as const,
  )
  return {
    ...rest,
    targeted: systemMetricResults.targetedCount,
    applied: systemMetricResults.appliedCount,
    metrics: Object.fromEntries(metrics),
  }
}
