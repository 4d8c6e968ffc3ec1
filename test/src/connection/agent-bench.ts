import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceAgent, type DeviceAgentOptions, type Implementation, implement } from '@iothub-dm/device'
import { type LocalHub, type LocalHubOptions, startLocalHub } from '@iothub-dm/local-hub'
import { action, configuration, defineContract, method } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { serviceClientOf } from '../local-hub/azure-clients.ts'

/** The contract of the devices whose connection is tested. */
export const contract = defineContract({
  methods: { echo: method({ request: v.object({ text: v.string() }), response: v.string() }) },
  actions: { count: action({ request: v.object({}), result: v.object({ runs: v.number() }) }) },
  configurations: { telemetry: configuration(v.object({ fps: v.number() })) },
})

/** What an agent of the bench is made with. */
export type BenchAgentOptions = Omit<DeviceAgentOptions, 'stateDirectory'>

/** How an agent is made: by one of the ways to connect. */
export type MakeAgent = (implementation: Implementation, options: DeviceAgentOptions) => DeviceAgent

/** What is told when it happens, until a test takes it. */
export class Happenings {
  readonly #past: string[] = []
  #wake: () => void = () => {}

  tell(what: string): void {
    this.#past.push(what)
    this.#wake()
  }

  /** Waits for something that has not been taken yet. */
  async take(what: string): Promise<void> {
    for (;;) {
      const index = this.#past.indexOf(what)
      if (index >= 0) {
        this.#past.splice(index, 1)
        return
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}

/** A hub with devices in this process. All of it ends with the scope. */
export class AgentBench implements AsyncDisposable {
  readonly hub: LocalHub
  readonly happenings: Happenings = new Happenings()
  /** What the agents told as errors. */
  readonly errors: unknown[] = []
  /** Texts that the method `echo` was called with. */
  readonly echoed: string[] = []
  /** Every value that the configuration was applied with. */
  readonly applied: (number | undefined)[] = []
  /** How often each operation did its work, by its id. */
  readonly effects: Map<string, number> = new Map()
  /** What `echo` waits for. */
  beforeEcho: Promise<void> = Promise.resolve()
  readonly #directory: string
  readonly #agents: DeviceAgent[] = []

  private constructor(hub: LocalHub, directory: string) {
    this.hub = hub
    this.#directory = directory
  }

  static async open(options?: LocalHubOptions): Promise<AgentBench> {
    return new AgentBench(await startLocalHub(options), await mkdtemp(join(tmpdir(), 'iothub-dm-connection-')))
  }

  /** Makes an agent that listens; does not open it. */
  agent(make: MakeAgent, options: BenchAgentOptions = {}): DeviceAgent {
    const agent = make(this.#implementation(), {
      stateDirectory: join(this.#directory, String(this.#agents.length)),
      ca: this.hub.caCertificate,
      progressIntervalInMs: 0,
      reconnect: { firstDelayInMs: 5, baseDelayInMs: 5, maxDelayInMs: 20, unauthorizedDelayInMs: 20 },
      ...options,
    })
    agent.on('error', error => this.errors.push(error))
    agent.on('connected', () => this.happenings.tell('connected'))
    agent.on('disconnected', () => this.happenings.tell('disconnected'))
    this.#agents.push(agent)
    return agent
  }

  /** The same for a connection string. */
  agentOf(connectionString: string, options?: BenchAgentOptions): DeviceAgent {
    return this.agent((...args) => DeviceAgent.fromConnectionString(connectionString, ...args), options)
  }

  /** Calls the method `echo` of a device, or of a module named `deviceId/moduleId`. */
  async echo(target: string, text: string): Promise<unknown> {
    const [deviceId = '', moduleId] = target.split('/')
    const params = { methodName: 'echo', payload: { text }, responseTimeoutInSeconds: 20, connectTimeoutInSeconds: 20 }
    const client = serviceClientOf(this.hub)
    const { result } =
      moduleId === undefined
        ? await client.invokeDeviceMethod(deviceId, params)
        : await client.invokeDeviceMethod(deviceId, moduleId, params)
    return result.payload
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#agents.map(agent => agent.close()))
    await this.hub.close()
    await rm(this.#directory, { recursive: true, force: true })
  }

  #implementation(): Implementation {
    return implement(contract, {
      methods: {
        echo: async ({ text }) => {
          this.echoed.push(text)
          this.happenings.tell('echo')
          await this.beforeEcho
          return text
        },
      },
      actions: {
        count: op =>
          op.step('count', () => {
            const runs = (this.effects.get(op.operationId) ?? 0) + 1
            this.effects.set(op.operationId, runs)
            return { runs }
          }),
      },
      configurations: {
        telemetry: value => {
          this.applied.push(value?.fps)
          this.happenings.tell('applied')
        },
      },
    })
  }
}
