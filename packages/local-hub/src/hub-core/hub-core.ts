import { AccessControl } from './auth/access-control.ts'
import type { CertificateAuthorities } from './auth/certificate-authorities.ts'
import type { Policies } from './auth/policy.ts'
import type { Clock } from './clock/clock.ts'
import { BulkCommands } from './commands/bulk-commands.ts'
import { CloudToDeviceCommands } from './commands/cloud-to-device-commands.ts'
import { ConfigurationCommands } from './commands/configuration-commands.ts'
import { DigitalTwinCommands } from './commands/digital-twin-commands.ts'
import { IdentityCommands } from './commands/identity-commands.ts'
import { JobCommands } from './commands/job-commands.ts'
import { KeyRotationCommands } from './commands/key-rotation-commands.ts'
import { MethodCommands } from './commands/method-commands.ts'
import { ModuleCommands } from './commands/module-commands.ts'
import { OperationCommands } from './commands/operation-commands.ts'
import { QueryCommands } from './commands/query-commands.ts'
import { SessionCommands } from './commands/session-commands.ts'
import { TelemetryCommands } from './commands/telemetry-commands.ts'
import { TwinCommands } from './commands/twin-commands.ts'
import type { DurableState } from './durable/durable-state.ts'
import type { ErrorOccurrence } from './error/error-body.ts'
import type { EventStream } from './event/event-stream.ts'
import type { Faults } from './faults/faults.ts'
import { type HubState, newHubState } from './hub-state.ts'
import type { RandomSource } from './random-source.ts'
import type { HubTier } from './throttle/hub-tier.ts'
import type { HubMeter } from './throttle/meter.ts'

/** What a hub core is made with. */
export interface HubCoreOptions {
  /** The names under which clients may address the hub. */
  readonly hostNames: readonly string[]
  readonly clock: Clock
  readonly random: RandomSource
  /** How big a hub it pretends to be. Default: without limits. */
  readonly tier?: HubTier | undefined
  /** Whether any bearer token opens the service API. Default: none does. */
  readonly acceptBearerTokens?: boolean | undefined
  /** How old the twins are that queries see. Default: 0, as they are. */
  readonly queryLagInMs?: number | undefined
  /** How often configurations are evaluated. Default: 5 minutes. */
  readonly configurationPeriodInMs?: number | undefined
}

const defaultConfigurationPeriodInMs = 5 * 60 * 1000

/**
 * The hub without its transports: state, the commands that change it, the events that tell of it. It opens no socket and starts
 * no timer of its own; with the same clock, random source and commands it does the same.
 */
export class HubCore {
  readonly #state: HubState
  readonly access: AccessControl
  readonly identities: IdentityCommands
  readonly modules: ModuleCommands
  readonly bulk: BulkCommands
  readonly keyRotation: KeyRotationCommands
  readonly twins: TwinCommands
  readonly digitalTwins: DigitalTwinCommands
  readonly configurations: ConfigurationCommands
  readonly methods: MethodCommands
  readonly jobs: JobCommands
  readonly queries: QueryCommands
  readonly sessions: SessionCommands
  readonly telemetry: TelemetryCommands
  readonly operations: OperationCommands
  readonly cloudToDevice: CloudToDeviceCommands

  constructor(options: HubCoreOptions) {
    const { clock, random, hostNames, tier, acceptBearerTokens } = options
    this.#state = newHubState({ clock, random, tier, hubName: hostNames[0] ?? 'local-hub' })
    this.access = new AccessControl({ ...this.#state, hostNames, acceptBearerTokens })
    this.cloudToDevice = new CloudToDeviceCommands(this.#state)
    this.sessions = new SessionCommands(this.#state, this.cloudToDevice)
    this.modules = new ModuleCommands(this.#state, this.sessions)
    this.identities = new IdentityCommands(this.#state, this.sessions, this.modules)
    this.twins = new TwinCommands(this.#state)
    this.digitalTwins = new DigitalTwinCommands(this.#state, this.twins)
    this.bulk = new BulkCommands(this.#state, this)
    this.keyRotation = new KeyRotationCommands(this.#state)
    this.configurations = new ConfigurationCommands(this.#state, {
      twins: this.twins,
      modules: this.modules,
      periodInMs: options.configurationPeriodInMs ?? defaultConfigurationPeriodInMs,
    })
    this.methods = new MethodCommands(this.#state)
    this.jobs = new JobCommands(this.#state, this.twins, this.methods)
    this.queries = new QueryCommands(this.#state, options.queryLagInMs ?? 0)
    this.telemetry = new TelemetryCommands(this.#state)
    this.operations = new OperationCommands(this.#state)
  }

  get events(): EventStream {
    return this.#state.events
  }

  get policies(): Policies {
    return this.#state.policies
  }

  /** Whose certificates devices may have. */
  get authorities(): CertificateAuthorities {
    return this.#state.authorities
  }

  /** What outlives the hub. */
  get durable(): DurableState {
    return this.#state.durable
  }

  get faults(): Faults {
    return this.#state.faults
  }

  get meter(): HubMeter {
    return this.#state.traffic.meter
  }

  /** A fresh tracking id and the time, for an error that is about to be sent. */
  occurrence(): ErrorOccurrence {
    const trackingId = this.#state.random(16).toString('hex').toUpperCase()
    return { trackingId, timeInMs: this.#state.clock.now() }
  }

  /** A random id for a request. */
  requestId(): string {
    return this.#state.random(16).toString('hex')
  }

  /** Goes on with what the state of a former life left to be done. Called once, when it is restored. */
  resume(): void {
    this.configurations.resume()
    this.jobs.resume()
  }

  /** Closes every connection and ends every call, as a hub does that restarts. Forgets nothing. */
  interrupt(): void {
    this.#state.traffic.close()
    this.#state.methodCalls.close()
    this.sessions.closeAll('hubClosing')
    this.#state.queues.close()
    this.#state.feedback.close()
  }

  /** Like {@link interrupt}, for good: faults are taken back as well, and nothing is done any more without being asked for. */
  close(): void {
    this.configurations.close()
    this.jobs.close()
    this.#state.faults.clear()
    this.interrupt()
  }
}
