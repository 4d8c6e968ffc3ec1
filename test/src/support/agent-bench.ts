import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceAgent, type DeviceAgentOptions, type Implementation } from '@iothub-dm/device'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import type { Contract } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import { backEndSettings } from './test-bench.ts'

/** How an {@link AgentBench} is opened. */
export interface AgentBenchOptions extends Omit<DeviceAgentOptions, 'stateDirectory' | 'bootId'> {}

/** A hub, a back end, and one device `cam-1` in this process, with software of the test's own. All of it ends with the scope. */
export class AgentBench<TContract extends Contract> implements AsyncDisposable {
  readonly hub: LocalHub
  readonly fleet: FleetClient<TContract>
  /** What the agents have told as `error`. */
  readonly errors: unknown[] = []
  readonly #options: AgentBenchOptions
  readonly #directory: string
  #agent: DeviceAgent | undefined
  #boots = 0

  private constructor(hub: LocalHub, fleet: FleetClient<TContract>, directory: string, options: AgentBenchOptions) {
    this.hub = hub
    this.fleet = fleet
    this.#directory = directory
    this.#options = options
  }

  static async open<TContract extends Contract>(
    contract: TContract,
    implementation: Implementation,
    options: AgentBenchOptions = {},
  ): Promise<AgentBench<TContract>> {
    const hub = await startLocalHub()
    const { connectionString, ...settings } = backEndSettings(hub)
    const fleet = FleetClient.fromConnectionString(connectionString, contract, settings)
    const bench = new AgentBench(hub, fleet, await mkdtemp(join(tmpdir(), 'iothub-dm-agent-')), options)
    await hub.createDevice('cam-1')
    await bench.boot(implementation)
    return bench
  }

  /** The device restarts in good order, with a new boot id. */
  async boot(implementation: Implementation): Promise<void> {
    await this.#agent?.close()
    this.#boots += 1
    const agent = DeviceAgent.fromConnectionString(this.hub.deviceConnectionString('cam-1'), implementation, {
      ...this.#options,
      stateDirectory: this.#directory,
      bootId: `boot-${this.#boots}`,
      endpoint: this.hub.mqttEndpoint,
      ca: this.hub.caCertificate,
      progressIntervalInMs: 0,
    })
    agent.on('error', error => this.errors.push(error))
    this.#agent = agent
    await agent.open()
  }

  /** The files in the state directory, by name. */
  async stateFiles(): Promise<ReadonlyMap<string, string>> {
    const names = await readdir(this.#directory)
    const texts = names.map(async name => [name, await readFile(join(this.#directory, name), 'utf8')] as const)
    return new Map(await Promise.all(texts))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.close()
    await this.fleet.close()
    await this.hub.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
