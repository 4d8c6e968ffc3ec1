import type { CancelTimeout } from '../clock/clock.ts'
import { composePatches, patchOf } from '../configurations/assignment.ts'
import type { Configuration } from '../configurations/configuration.ts'
import { ConfigurationEvaluator, type StatusListener } from '../configurations/configuration-evaluator.ts'
import { assertConfigurationId } from '../configurations/configuration-id.ts'
import { parseConfigurationRequest } from '../configurations/configuration-request.ts'
import { configurationView } from '../configurations/configuration-view.ts'
import type { ConfiguredTwins } from '../configurations/configured-twins.ts'
import { deployModules } from '../configurations/deploy-modules.ts'
import { parseContent } from '../configurations/parse-content.ts'
import { parseTargetCondition } from '../configurations/target-condition.ts'
import { testConfigurationQueries } from '../configurations/test-queries.ts'
import { HubError } from '../error/hub-error.ts'
import { HubQuerySource } from '../hub-query-source.ts'
import type { HubState } from '../hub-state.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'
import { formatJson } from '../json/format-json.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import type { Precondition } from '../precondition/if-match.ts'
import type { ModuleCommands } from './module-commands.ts'
import type { TwinCommands } from './twin-commands.ts'

/** What {@link ConfigurationCommands} are made with. */
export interface ConfigurationCommandsOptions {
  readonly twins: TwinCommands
  readonly modules: ModuleCommands
  /** How often configurations are evaluated. */
  readonly periodInMs: number
}

/**
 * What the service can do with configurations: automatic device management and edge deployments (wire reference 6). They are
 * evaluated when one is written or deleted, and then once a period for as long as there are any.
 */
export class ConfigurationCommands {
  readonly #state: HubState
  readonly #twins: ConfiguredTwins
  readonly #evaluator: ConfigurationEvaluator
  readonly #periodInMs: number
  #cancelTimer: CancelTimeout | undefined
  #closed = false

  /** @throws RangeError when the period is not positive. */
  constructor(state: HubState, { twins, modules, periodInMs }: ConfigurationCommandsOptions) {
    if (!(periodInMs > 0)) throw new RangeError(`configurationPeriodInMs: expected more than 0, got ${periodInMs}`)
    this.#state = state
    this.#periodInMs = periodInMs
    this.#twins = configuredTwins(state, twins, modules)
    this.#evaluator = new ConfigurationEvaluator({
      configurations: state.configurations,
      source: new HubQuerySource(state),
      store: state.twins,
      twins: this.#twins,
      onStatus: statusEvents(state),
    })
  }

  /**
   * Creates without a precondition, updates with one (wire reference 2.5). An update needs a content, and does not change it.
   *
   * @returns the configuration as it is before it is evaluated.
   */
  put(id: string, body: JsonValue | undefined, precondition: Precondition): JsonObject {
    assertConfigurationId(id)
    const { settings, content } = parseConfigurationRequest(body, id)
    const isNew = precondition.kind === 'none'
    const { configurations, events } = this.#state
    parseTargetCondition(settings.targetCondition, parseContent(isNew ? content : configurations.get(id).content).kind)
    const configuration = isNew
      ? configurations.create(id, { settings, content })
      : configurations.update(id, settings, precondition)
    const view = this.#view(configuration)
    events.emit({ type: isNew ? 'configurationCreated' : 'configurationUpdated', configurationId: id })
    this.evaluate()
    return view
  }

  get(id: string): JsonObject {
    return this.#view(this.#state.configurations.get(id))
  }

  list(): readonly JsonObject[] {
    return this.#state.configurations.all().map(configuration => this.#view(configuration))
  }

  /** What the configuration has put on twins stays there, unless another one sets it. */
  delete(id: string, precondition: Precondition): void {
    this.#state.configurations.delete(id, precondition)
    this.#state.events.emit({ type: 'configurationDeleted', configurationId: id })
    this.evaluate()
  }

  /** Tells what is wrong with queries that a configuration shall have (wire reference 6.5). */
  test(body: JsonValue | undefined): JsonObject {
    return testConfigurationQueries(body)
  }

  /**
   * Puts a content on one edge device, once (wire reference 6.5).
   *
   * @throws HubError 404 for an unknown device, 400 for one that is no edge device, or a content that is not for one.
   */
  applyContent(deviceId: string, body: JsonValue | undefined): void {
    const { iotEdge } = this.#state.identities.get(deviceId)
    if (!iotEdge) throw new HubError('ArgumentInvalid', 'Not an Azure IoT Edge device')
    const content = parseContent(body)
    switch (content.kind) {
      case 'edge':
        deployModules(this.#twins, deviceId, [content])
        break
      case 'device':
        this.#twins.patchDesired(deviceId, content.assignments.map(patchOf).reduce(composePatches, {}))
        break
      case 'module':
        throw new HubError('InvalidConfigurationContent', 'moduleContent cannot be applied on a device.')
    }
  }

  /** Evaluates every configuration, as the hub does by itself once a period. */
  evaluate(): void {
    this.#evaluator.evaluate()
    if (this.#state.configurations.size === 0 || this.#closed) this.#stopTimer()
    else this.#cancelTimer ??= this.#state.clock.setTimeout(() => this.#evaluateAgain(), this.#periodInMs)
  }

  /** Goes on with the configurations of a former life. */
  resume(): void {
    if (this.#state.configurations.size > 0) this.evaluate()
  }

  /** Lets no further period begin. */
  close(): void {
    this.#closed = true
    this.#stopTimer()
  }

  #evaluateAgain(): void {
    this.#cancelTimer = undefined
    this.evaluate()
  }

  #stopTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #view(configuration: Configuration): JsonObject {
    return configurationView(configuration, this.#state.configurations.resultsOf(configuration.id))
  }
}

function configuredTwins(state: HubState, twins: TwinCommands, modules: ModuleCommands): ConfiguredTwins {
  return {
    desiredOf: key => state.twins.find(key)?.desired.properties,
    patchDesired: (key, patch) => {
      state.traffic.assertQuota('twinUpdate')
      const body = { properties: { desired: patch } }
      twins.patch(key, body, { kind: 'none' })
      const requestSizeInBytes = Buffer.byteLength(formatJson(body))
      state.traffic.finish({ kind: 'twinUpdate', requestSizeInBytes }, { status: 200, responseSizeInBytes: 0 })
    },
    ensureModule: (deviceId, moduleId) => {
      if (state.modules.find(deviceId, moduleId) !== undefined) return
      modules.put(deviceId, moduleId, { managedBy: 'iotEdge' }, { kind: 'none' })
    },
  }
}

const eventTypes = { Targeted: 'configurationTargeted', Applied: 'configurationApplied' } as const

function statusEvents({ events }: HubState): StatusListener {
  return (key: IdentityKey, configurationId, status) => {
    const type = status === undefined ? 'configurationWithdrawn' : eventTypes[status]
    events.emit({ type, configurationId, ...identityName(key) })
  }
}
