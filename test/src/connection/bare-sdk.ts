import { setImmediate } from 'node:timers/promises'
import azureDevice, { type Client } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import { vi } from 'vitest'
import { type HubScript, type ScriptedHub, startScriptedHub } from '../../../packages/device/test/scripted-hub.ts'
import type { HubSide } from '../../../packages/device/test/scripted-hub-side.ts'

/** A client of azure-iot-device as its users make it, at a hub that misbehaves as a test says. */
export interface BareDevice extends AsyncDisposable {
  readonly hub: ScriptedHub
  readonly client: Client
  /** What the SDK's client speaks MQTT by: the class `Mqtt` of azure-iot-device-mqtt. */
  readonly transport: Mqtt
  /** Events that the client told its user: `disconnect`, `error`. */
  readonly events: { readonly name: string; readonly detail: unknown }[]
}

/** Starts a hub and makes a client for it, which is not open. */
export async function startBareDevice(script: HubScript = {}): Promise<BareDevice> {
  const hub = await startScriptedHub(script)
  const { host, port } = hub.endpoint
  const connectionString = `${hub.connectionString()};GatewayHostName=${host}:${port}`
  const client = azureDevice.Client.fromConnectionString(connectionString, Mqtt)
  const transport: unknown = Reflect.get(client, '_transport')
  if (!(transport instanceof Mqtt)) throw new Error('the client has no transport')
  await client.setOptions({ ca: hub.ca })
  const events: BareDevice['events'] = []
  for (const name of ['disconnect', 'error'] as const) {
    client.on(name, (detail: unknown) => events.push({ name, detail }))
  }
  const dispose = async (): Promise<void> => {
    client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => -1 })
    await hub[Symbol.asyncDispose]()
    client.removeAllListeners()
    client.on('error', () => {})
  }
  return { hub, client, transport, events, [Symbol.asyncDispose]: dispose }
}

/** The same, open; `side` is the hub's side of the connection. */
export async function openBareDevice(script?: HubScript): Promise<BareDevice & { readonly side: HubSide }> {
  const device = await startBareDevice(script)
  await device.client.open()
  return { ...device, side: await device.hub.connection(1) }
}

/** Registers a method handler, and waits until the hub has the subscription. */
export async function listenToMethods({ client, hub }: BareDevice): Promise<void> {
  client.onDeviceMethod('ping', (request, response) => void response.send(200, request.payload))
  await hub.packet('subscribe')
  await network()
}

/** Has timers of the SDK wait for {@link passTime}. The network goes on. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
}

/** Lets time pass in steps of a second, and the network do its work in between, until something holds. */
export async function passTime(holds: () => boolean, atMostInMs = 60 * 60_000): Promise<void> {
  for (let passedInMs = 0; !holds() && passedInMs < atMostInMs; passedInMs += 1_000) {
    vi.advanceTimersByTime(1_000)
    await network()
  }
}

/** Lets what is on its way on loopback arrive. */
export async function network(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
}

/** Whether a promise is still pending after the network has had its turn. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = (): void => {
    settled = true
  }
  promise.then(settle, settle)
  await network()
  return !settled
}
