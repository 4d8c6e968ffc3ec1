import type { LocalHub, PolicyName } from '@iothub-dm/local-hub'
import azureDevice, { type Client as DeviceClient, type Twin } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import azureService, { type JobClient, type Registry, type Client as ServiceClient } from 'azure-iothub'

/** The official registry client, pointed at the hub. */
export function registryOf(hub: LocalHub, connectionString: string = hub.connectionString()): Registry {
  return hub.route(azureService.Registry.fromConnectionString(connectionString))
}

/** The official service client, pointed at the hub. */
export function serviceClientOf(hub: LocalHub, policy?: PolicyName): ServiceClient {
  return hub.route(azureService.Client.fromConnectionString(hub.connectionString(policy)))
}

/** The official job client, pointed at the hub. */
export function jobClientOf(hub: LocalHub, policy?: PolicyName): JobClient {
  return hub.route(azureService.JobClient.fromConnectionString(hub.connectionString(policy)))
}

/** The official device client over MQTT. It closes at the end of the scope. */
export class AzureDevice implements AsyncDisposable {
  readonly client: DeviceClient
  readonly #hub: LocalHub

  private constructor(hub: LocalHub, client: DeviceClient) {
    this.#hub = hub
    this.client = client
  }

  /** A client that is not open yet. */
  static async create(hub: LocalHub, connectionString: string): Promise<AzureDevice> {
    const client = azureDevice.Client.fromConnectionString(connectionString, Mqtt)
    await client.setOptions({ ca: hub.caCertificate })
    return new AzureDevice(hub, client)
  }

  /** Creates the identity and opens the client. */
  static async open(hub: LocalHub, deviceId: string): Promise<AzureDevice> {
    const device = await AzureDevice.create(hub, await hub.createDevice(deviceId))
    await device.client.open()
    return device
  }

  /** Answers a method with what the handler makes of its payload; resolves when the hub knows that the device listens. */
  async onMethod(name: string, handler: (payload: unknown) => unknown): Promise<void> {
    const listening = this.#hub.waitFor('deviceSubscribed', event => event.subscription === 'methods')
    this.client.onDeviceMethod(name, (request, response) => {
      void response.send(200, handler(request.payload))
    })
    await listening
  }

  /** Listens to desired properties; resolves when the hub knows that the device listens. */
  async onDesired(twin: Twin, listener: (patch: unknown) => void): Promise<void> {
    const listening = this.#hub.waitFor('deviceSubscribed', event => event.subscription === 'desiredProperties')
    twin.on('properties.desired', listener)
    await listening
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close()
  }
}

/** Sends a reported patch; rejects when the hub refuses it. */
export function report(twin: Twin, patch: object): Promise<void> {
  return new Promise((resolve, reject) => {
    twin.properties.reported.update(patch, (error?: Error) => (error ? reject(error) : resolve()))
  })
}

/** What the twin tells when desired properties reach a version. */
export function desiredAt(twin: Twin, version: number): Promise<unknown> {
  return new Promise(resolve => {
    const listener = (patch: { readonly $version: number }): void => {
      if (patch.$version < version) return
      twin.off('properties.desired', listener)
      resolve(patch)
    }
    twin.on('properties.desired', listener)
  })
}
