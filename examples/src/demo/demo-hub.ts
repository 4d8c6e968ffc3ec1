import { randomBytes } from 'node:crypto'
import { startLocalHub } from '@iothub-dm/local-hub'
import iothub, { type Registry } from 'azure-iothub'
import type { HubLocation } from './device-environment.ts'

/** The hub that the demo runs against, with one device on it. */
export interface DemoHub extends AsyncDisposable {
  /** For people: which hub it is. */
  readonly description: string
  readonly deviceId: string
  readonly deviceConnectionString: string
  readonly serviceConnectionString: string
  /** Where the device finds it. */
  readonly deviceSide: HubLocation
  /** Where the back end finds it. */
  readonly serviceSide: HubLocation
  /** The reported properties of the device, as any tool sees them: read by Microsoft's own client. */
  readReported(): Promise<ReportedProperties>
}

/** The reported properties, as far as the demo looks at them. */
export interface ReportedProperties {
  readonly iothubDM?: { readonly reboot?: { readonly lastReboot?: string } }
}

/**
 * Starts a local hub, or takes a real one.
 *
 * @param connectionString of a real hub, with the permissions of the policy iothubowner: the demo makes a device and removes it again
 */
export function openDemoHub(connectionString: string | undefined): Promise<DemoHub> {
  return connectionString === undefined ? openLocalHub() : openRealHub(connectionString)
}

async function openLocalHub(): Promise<DemoHub> {
  const hub = await startLocalHub()
  const deviceId = 'cam-1'
  const registry = hub.route(iothub.Registry.fromConnectionString(hub.connectionString()))
  const ca = hub.caCertificate
  return {
    description: `local hub, MQTT on port ${hub.mqttEndpoint.port}, HTTPS on port ${hub.httpsEndpoint.port}`,
    deviceId,
    deviceConnectionString: await hub.createDevice(deviceId),
    serviceConnectionString: hub.connectionString(),
    deviceSide: { endpoint: hub.mqttEndpoint, ca },
    serviceSide: { endpoint: hub.httpsEndpoint, ca },
    readReported: () => readReported(registry, deviceId),
    [Symbol.asyncDispose]: () => hub.close(),
  }
}

async function openRealHub(serviceConnectionString: string): Promise<DemoHub> {
  const registry = iothub.Registry.fromConnectionString(serviceConnectionString)
  const hostName = /HostName=([^;]+)/i.exec(serviceConnectionString)?.[1] ?? ''
  const deviceId = `iothub-dm-demo-${randomBytes(4).toString('hex')}`
  const { responseBody: device } = await registry.create({ deviceId })
  const key = device.authentication?.symmetricKey?.primaryKey ?? ''
  return {
    description: hostName,
    deviceId,
    deviceConnectionString: `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key}`,
    serviceConnectionString,
    deviceSide: {},
    serviceSide: {},
    readReported: () => readReported(registry, deviceId),
    [Symbol.asyncDispose]: async () => {
      await registry.delete(deviceId)
    },
  }
}

async function readReported(registry: Registry, deviceId: string): Promise<ReportedProperties> {
  const { responseBody: twin } = await registry.getTwin(deviceId)
  return twin.properties.reported
}
