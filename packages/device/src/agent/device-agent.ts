import { EventEmitter } from 'node:events'
import type { ConfigurationAcknowledgement, OperationRecord } from '@iothub-dm/protocol'
import type TypedEmitter from 'typed-emitter'
import { connectionFromClient, connectionFromProvider, connectionFromString } from '../adapters/azure-connection.ts'
import type { DeviceAuthenticationProvider } from '../adapters/credentials/authentication-provider.ts'
import type { AzureDeviceClient } from '../adapters/shared-client/take-over-client.ts'
import { readBootId } from '../boot/boot-id.ts'
import { systemClock } from '../connection/clock.ts'
import type { HubConnection, HubConnectionListener } from '../connection/hub-connection.ts'
import type { Implementation } from '../implementation/implement.ts'
import { AgentRuntime } from './agent-runtime.ts'
import { checkDeviceAgentOptions, type DeviceAgentOptions } from './device-agent-options.ts'

/** Events of {@link DeviceAgent}. */
export type DeviceAgentEvents = {
  /** A session with the hub began: the first one, and after every reconnection or renewal of the SAS token. */
  connected: () => void
  /** The session ended; the agent is trying to come back. */
  disconnected: (reason: Error) => void
  /** An attempt to connect failed, be it the first; the next one follows after the wait. */
  connectFailed: (reason: Error, retryInMs: number) => void
  /** The record of an operation changed. */
  operation: (change: OperationChange) => void
  /** What became of a configuration changed; also what is decided without the hub, which is told later. */
  configuration: (change: ConfigurationChange) => void
  /** Something failed behind the scenes: a handler threw, the disk or the hub refused. The agent goes on. */
  error: (error: unknown) => void
}

/** What the event `operation` tells. */
export interface OperationChange {
  /** Name of the action. */
  readonly action: string
  readonly record: OperationRecord
}

/** What the event `configuration` tells. */
export interface ConfigurationChange {
  /** Name of the section. */
  readonly name: string
  /** undefined: nothing is desired any more, and the device has no value of its own. */
  readonly acknowledgement: ConfigurationAcknowledgement | undefined
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed-emitter types the events, EventEmitter is the class
const Base: new () => TypedEmitter<DeviceAgentEvents> = EventEmitter as new () => TypedEmitter<DeviceAgentEvents>

/**
 * Answers direct methods, carries out actions and reports on them, for one device.
 *
 * @example
 * ```ts
 * const agent = DeviceAgent.fromConnectionString(connectionString, implementation, {
 *   stateDirectory: '/var/lib/camera',
 * })
 * agent.on('error', error => console.error(error))
 * await agent.open()
 * ```
 */
export class DeviceAgent extends Base implements AsyncDisposable {
  readonly #implementation: Implementation
  readonly #options: DeviceAgentOptions
  readonly #connect: (listener: HubConnectionListener) => HubConnection
  #opened: Promise<AgentRuntime> | undefined
  #runtime: AgentRuntime | undefined
  #closed: Promise<void> | undefined

  /**
   * For tests of this package; use {@link DeviceAgent.fromConnectionString}.
   *
   * @internal
   */
  constructor(
    implementation: Implementation,
    options: DeviceAgentOptions,
    connect: (listener: HubConnectionListener) => HubConnection,
  ) {
    super()
    checkDeviceAgentOptions(options)
    if (!(implementation?.actions instanceof Map)) {
      throw new TypeError('implementation: expected what implement(contract, handlers) has made')
    }
    this.#implementation = implementation
    this.#options = options
    this.#connect = connect
  }

  /**
   * Makes an agent for the device or module of a connection string; nothing happens before {@link open}.
   *
   * @param connectionString `HostName=...;DeviceId=...[;ModuleId=...]` with `SharedAccessKey=...`, with `SharedAccessSignature=...` or
   * the option `getSharedAccessSignature`, or with `x509=true` and the option `clientCertificate`
   * @param implementation from `implement`
   * @throws IotHubDmError `InvalidConnectionString`, which never shows the key
   * @throws TypeError, RangeError when an option is of no use
   */
  static fromConnectionString(
    connectionString: string,
    implementation: Implementation,
    options: DeviceAgentOptions,
  ): DeviceAgent {
    return new DeviceAgent(implementation, options, connectionFromString(connectionString, options))
  }

  /**
   * Makes an agent that proves its identity by an authentication provider of Azure's packages or of one's own: after the Device
   * Provisioning Service, with a TPM, on IoT Edge. The provider may serve one agent at a time; closing the agent leaves nothing on it.
   *
   * @param provider such as `X509AuthenticationProvider` of azure-iot-device
   * @param implementation from `implement`
   * @throws TypeError, RangeError when the provider or an option is of no use
   * @example
   * ```ts
   * const { assignedHub, deviceId } = await provisioningClient.register()
   * const provider = X509AuthenticationProvider.fromX509Options(deviceId, assignedHub, { cert, key })
   * const agent = DeviceAgent.fromAuthenticationProvider(provider, implementation, { stateDirectory })
   * ```
   */
  static fromAuthenticationProvider(
    provider: DeviceAuthenticationProvider,
    implementation: Implementation,
    options: DeviceAgentOptions,
  ): DeviceAgent {
    return new DeviceAgent(implementation, options, connectionFromProvider(provider, options))
  }

  /**
   * Makes an agent that shares its connection with a client of azure-iot-device: a hub takes one connection of a device. The client must
   * not have been opened. From then on the agent connects, reconnects and renews; the client is opened and used as ever, for telemetry,
   * cloud-to-device messages and file upload, and is connected whenever the agent is. Direct methods are the agent's. What
   * `client.setOptions` was told about the connection (`ca`, `keepalive`, proxy) goes into `options` instead.
   *
   * @param client a `Client` or `ModuleClient` over `Mqtt` or `MqttWs`
   * @param implementation from `implement`
   * @throws TypeError when the client is of another kind or was opened; RangeError when an option is of no use
   * @example
   * ```ts
   * const client = Client.fromConnectionString(connectionString, Mqtt)
   * const agent = DeviceAgent.fromClient(client, implementation, { stateDirectory })
   * await agent.open()
   * await client.sendEvent(new Message('{"temperature":21}'))
   * ```
   */
  static fromClient(
    client: AzureDeviceClient,
    implementation: Implementation,
    options: DeviceAgentOptions,
  ): DeviceAgent {
    return new DeviceAgent(implementation, options, connectionFromClient(client, options))
  }

  /**
   * Takes up what an earlier life of the program left unfinished, and connects. Resolves once the hub is there, and keeps trying
   * while the network or the hub is away.
   *
   * @param options with a signal that ends the wait
   * @throws IotHubDmError `Unauthorized`, `PersistenceFailed`, `StateDirectoryLocked`, `CorruptJournal`
   * @throws TypeError when the machine does not tell its boot id and no option does
   */
  async open(options: { readonly abortSignal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#opened !== undefined || this.#closed !== undefined)
      throw new TypeError('the agent was opened or closed before; make a new one')
    this.#opened = this.#start()
    const runtime = await this.#opened
    this.#runtime = runtime
    try {
      await runtime.connect(options.abortSignal)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Updates of the reported properties that this agent has sent so far: each costs one of the twin updates of the hub. */
  get reportedUpdates(): number {
    return this.#runtime?.reportedUpdates ?? 0
  }

  /**
   * Ends this life of the agent: no new methods, `op.signal` aborted, journal and connection closed. Operations that are not over
   * go on when an agent is next opened on the same state directory.
   */
  close(): Promise<void> {
    this.#closed ??= this.#stop()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(): Promise<AgentRuntime> {
    const bootId = await readBootId(this.#options.bootId)
    return AgentRuntime.start({
      implementation: this.#implementation,
      options: this.#options,
      bootId,
      connect: this.#connect,
      clock: this.#options.clock ?? systemClock,
      onConnected: () => this.#tell('connected'),
      onDisconnected: reason => this.#tell('disconnected', reason),
      onConnectFailed: (reason, retryInMs) => this.#tell('connectFailed', reason, retryInMs),
      onOperation: (action, record) => this.#tell('operation', { action, record }),
      onConfiguration: (name, acknowledgement) => this.#tell('configuration', { name, acknowledgement }),
      onError: error => this.#tell('error', error),
    })
  }

  /** What a listener throws is the program's own failure, and must not get in the way of the agent. */
  #tell<TEvent extends keyof DeviceAgentEvents>(event: TEvent, ...args: Parameters<DeviceAgentEvents[TEvent]>): void {
    // Without a listener an EventEmitter would throw an `error`.
    if (event === 'error' && this.listenerCount('error') === 0) return
    try {
      this.emit(event, ...args)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  async #stop(): Promise<void> {
    const runtime = await this.#opened?.catch(() => undefined)
    await runtime?.close()
  }
}
