import type { LocalHub } from '@iothub-dm/local-hub'
import azureDevice, { type Client as DeviceClient, type ModuleClient } from 'azure-iot-device'
import { Mqtt, MqttWs } from 'azure-iot-device-mqtt'
import { createCertificate } from '../../../packages/local-hub/test/certificates.ts'

/** The MQTT transports of the official client. */
export const transports = { Mqtt, MqttWs } as const

/** The name of a transport. */
export type TransportName = keyof typeof transports

/** How a device shows who it is. */
export type CredentialKind = 'sas' | 'selfSigned' | 'certificateAuthority'

/** Creates a device of this kind and a client for it that is not open yet. */
export async function createDeviceClient(
  hub: LocalHub,
  deviceId: string,
  transport: TransportName,
  kind: CredentialKind = 'sas',
): Promise<DeviceClient> {
  const certificate = await createCredential(hub, deviceId, kind)
  const connectionString = hub.deviceConnectionString(deviceId, { gateway: transport === 'Mqtt' })
  const client = azureDevice.Client.fromConnectionString(connectionString, transports[transport])
  await client.setOptions({ ...routeTo(hub), ...certificate })
  return client
}

/** Creates a module and a client for it that is not open yet. The official one supports no certificates. */
export async function createModuleClient(
  hub: LocalHub,
  deviceId: string,
  moduleId: string,
  transport: TransportName,
): Promise<ModuleClient> {
  await hub.createModule(deviceId, moduleId)
  const connectionString = hub.moduleConnectionString(deviceId, moduleId, { gateway: transport === 'Mqtt' })
  const client = azureDevice.ModuleClient.fromConnectionString(connectionString, transports[transport])
  await client.setOptions(routeTo(hub))
  return client
}

/** Trust in the hub's authority, and the way to it for WebSockets, whose port cannot be chosen. */
export function routeTo(hub: LocalHub): { readonly ca: string; readonly mqtt: object } {
  return { ca: hub.caCertificate, mqtt: { webSocketAgent: hub.httpsAgent() } }
}

async function createCredential(
  hub: LocalHub,
  deviceId: string,
  kind: CredentialKind,
): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  switch (kind) {
    case 'sas':
      await hub.createDevice(deviceId)
      return undefined
    case 'selfSigned': {
      const { cert, key, sha256 } = await createCertificate({ commonName: deviceId })
      await hub.createDevice(deviceId, { x509: { primaryThumbprint: sha256 } })
      return { cert, key }
    }
    case 'certificateAuthority': {
      const issuer = await createCertificate({ commonName: 'Factory', isAuthority: true })
      const { cert, key } = await createCertificate({ commonName: deviceId, issuer })
      await hub.addCertificateAuthority(issuer.cert)
      await hub.createDevice(deviceId, { x509: 'certificateAuthority' })
      return { cert, key }
    }
  }
}
