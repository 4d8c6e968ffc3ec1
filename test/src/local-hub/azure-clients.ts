import type { LocalHub, PolicyName } from '@iothub-dm/local-hub'
import azureDevice, { type Client as DeviceClient, type Twin } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import azureService, { type Registry, type Client as ServiceClient } from 'azure-iothub'

/** The official registry client, pointed at the hub. */
export function registryOf(hub: LocalHub, policy?: PolicyName): Registry {
  return led(hub, azureService.Registry.fromConnectionString(hub.connectionString(policy)))
}

/** The official service client, pointed at the hub. */
export function serviceClientOf(hub: LocalHub, policy?: PolicyName): ServiceClient {
  return led(hub, azureService.Client.fromConnectionString(hub.connectionString(policy)))
}

/** Leads a service client to the hub: its agent is the one thing that has to be exchanged. */
export function led<TClient extends object>(hub: LocalHub, client: TClient): TClient {
  const rest: { setOptions(options: object): void } = Reflect.get<object, string>(client, '_restApiClient')
  rest.setOptions({ http: { agent: hub.httpsAgent() } })
  return client
}

/** The official device client over MQTT, not yet open. It closes at the end of the scope. */
export class Device implements AsyncDisposable {
  readonly client: DeviceClient

  private constructor(client: DeviceClient) {
    this.client = client
  }

  static async create(hub: LocalHub, connectionString: string): Promise<Device> {
    const client = azureDevice.Client.fromConnectionString(connectionString, Mqtt)
    await client.setOptions({ ca: hub.caCertificate })
    return new Device(client)
  }

  /** Creates the identity, opens the client. */
  static async open(hub: LocalHub, deviceId: string): Promise<Device> {
    const device = await Device.create(hub, await hub.createDevice(deviceId))
    await device.client.open()
    return device
  }

  /** Answers a method with what the handler makes of its payload; resolves when the hub knows. */
  async onMethod(hub: LocalHub, name: string, handler: (payload: unknown) => unknown): Promise<void> {
    const subscribed = hub.waitFor('deviceSubscribed', event => event.subscription === 'methods')
    this.client.onDeviceMethod(name, (request, response) => {
      void response.send(200, handler(request.payload))
    })
    await subscribed
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

/** The next change of desired properties that the twin tells. */
export function nextDesired(twin: Twin): Promise<unknown> {
  return new Promise(resolve => twin.once('properties.desired', resolve))
}
