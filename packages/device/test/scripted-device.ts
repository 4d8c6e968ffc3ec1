import { createAzureConnection } from '../src/adapters/azure-connection.ts'
import type { AzureConnectionOptions } from '../src/adapters/azure-connection-options.ts'
import type { HubConnection, MethodAnswer, MethodCall } from '../src/connection/hub-connection.ts'
import { RecordingListener } from './recording-listener.ts'
import { type HubScript, type ScriptedHub, startScriptedHub } from './scripted-hub.ts'
import type { HubSide } from './scripted-hub-side.ts'

/** A device of a scripted hub. Test support. */
export interface ScriptedDevice extends AsyncDisposable {
  readonly hub: ScriptedHub
  readonly connection: HubConnection
  readonly listener: RecordingListener
}

/** Options of {@link startScriptedDevice}. */
export interface ScriptedDeviceOptions extends AzureConnectionOptions {
  readonly script?: HubScript
  readonly onMethod?: (call: MethodCall) => Promise<MethodAnswer>
  /** The name of the hub in the connection string. Default: the one in the hub's certificate. */
  readonly hostName?: string
}

/** Starts a scripted hub and makes a device for it, which reconnects without a wait and is not yet connected. */
export async function startScriptedDevice(options: ScriptedDeviceOptions = {}): Promise<ScriptedDevice> {
  const { script, onMethod, hostName, ...connectionOptions } = options
  const hub = await startScriptedHub(script)
  const listener = new RecordingListener(onMethod)
  const connection = createAzureConnection(hub.connectionString(hostName), listener, {
    endpoint: hub.endpoint,
    ca: hub.ca,
    reconnect: { firstDelayInMs: 0, baseDelayInMs: 0, maxDelayInMs: 0 },
    ...connectionOptions,
  })
  const dispose = async () => {
    await hub[Symbol.asyncDispose]()
    await connection.close()
  }
  return { hub, connection, listener, [Symbol.asyncDispose]: dispose }
}

/** The same, connected: the listener's first session is taken already, `side` is the hub's side of the connection. */
export async function openScriptedDevice(
  options: ScriptedDeviceOptions = {},
): Promise<ScriptedDevice & { readonly side: HubSide }> {
  const device = await startScriptedDevice(options)
  await device.connection.open()
  await device.listener.take('session')
  return { ...device, side: await device.hub.connection(1) }
}
