import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceAgent, type DeviceAgentOptions, implement } from '@iothub-dm/device'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import {
  action,
  defineContract,
  firmwareUpdate,
  isJsonObject,
  type JsonObject,
  maintenanceWindow,
} from '@iothub-dm/protocol'
import type { Client, Registry } from 'azure-iothub'
import * as v from 'valibot'
import { registryOf, serviceClientOf } from '../local-hub/azure-clients.ts'

const contract = defineContract({
  actions: {
    clean: action({ request: v.object({ lens: v.optional(v.number()) }), effects: ['restarts'] }),
    firmwareUpdate,
  },
  configurations: { maintenanceWindow },
})

/** A hub, the official clients, and a device in this process that can be asked over both lanes. All of it ends with the scope. */
export class LaneBench implements AsyncDisposable {
  readonly hub: LocalHub
  readonly registry: Registry
  /** What the handlers were run for, over all agents. */
  readonly runs: string[] = []
  readonly errors: unknown[] = []
  readonly #directory: string
  readonly #client: Client
  readonly #connectionString: string
  #agent: DeviceAgent | undefined

  private constructor(hub: LocalHub, directory: string, connectionString: string) {
    this.hub = hub
    this.#directory = directory
    this.#connectionString = connectionString
    this.registry = registryOf(hub)
    this.#client = serviceClientOf(hub)
  }

  static async open(): Promise<LaneBench> {
    const hub = await startLocalHub()
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-lanes-'))
    return new LaneBench(hub, directory, await hub.createDevice('cam-1'))
  }

  /** Starts an agent on the device's state directory and waits until it is connected. */
  async connect(options: Partial<DeviceAgentOptions> = {}): Promise<void> {
    const implementation = implement(contract, {
      actions: {
        clean: op => void this.runs.push(`clean ${op.request.lens ?? ''}`),
        firmwareUpdate: op => {
          this.runs.push(`update to ${op.request.fwVersion ?? ''} from ${op.request.fwPackageUri ?? ''}`)
          return { outcome: 'updated', version: op.request.fwVersion ?? '', previousVersion: '' }
        },
      },
    })
    this.#agent = DeviceAgent.fromConnectionString(this.#connectionString, implementation, {
      stateDirectory: join(this.#directory, 'state'),
      bootId: 'boot-1',
      ca: this.hub.caCertificate,
      endpoint: this.hub.mqttEndpoint,
      progressIntervalInMs: 0,
      ...options,
    })
    this.#agent.on('error', error => this.errors.push(error))
    await this.#agent.open()
  }

  /** Ends the agent in good order. */
  async disconnect(): Promise<void> {
    await this.#agent?.close()
  }

  /** The back end writes desired properties. */
  async write(desired: JsonObject): Promise<void> {
    await this.registry.updateTwin('cam-1', { properties: { desired } }, '*')
  }

  /** The back end calls a direct method. */
  async call(methodName: string, payload: JsonObject): Promise<{ readonly status: number; readonly payload: unknown }> {
    const call = { methodName, payload, responseTimeoutInSeconds: 30, connectTimeoutInSeconds: 0 }
    const { result } = await this.#client.invokeDeviceMethod('cam-1', call)
    return { status: result.status, payload: result.payload }
  }

  /** Waits until the reported properties match; resolves with them. */
  async reportedWhen(matches: (reported: JsonObject) => boolean): Promise<JsonObject> {
    for (;;) {
      const changed = this.hub.waitFor('reportedChanged')
      const { responseBody } = await this.registry.getTwin('cam-1')
      const reported: JsonObject = responseBody.properties.reported
      if (matches(reported)) return reported
      await changed
    }
  }

  /** Waits until the record of an action is in a state; resolves with it. */
  async recordWhen(actionName: string, state: string, operationId?: string): Promise<JsonObject> {
    const record = (reported: JsonObject): JsonObject => {
      const section = isJsonObject(reported.iothubDM) ? reported.iothubDM[actionName] : undefined
      return isJsonObject(section) ? section : {}
    }
    const matches = (section: JsonObject) =>
      section.state === state && (operationId === undefined || section.operationId === operationId)
    return record(await this.reportedWhen(reported => matches(record(reported))))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect()
    await this.hub.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
