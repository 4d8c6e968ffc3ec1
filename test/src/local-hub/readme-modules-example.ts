import { startLocalHub } from '@iothub-dm/local-hub'
import device from 'azure-iot-device'
import { Mqtt, MqttWs } from 'azure-iot-device-mqtt'

await using hub = await startLocalHub()
await hub.createDevice('gateway')

// A module, here over WebSocket: the agent leads there, so the connection string may be that of a real hub.
await hub.createModule('gateway', 'filter')
const connectionString = hub.moduleConnectionString('gateway', 'filter', { gateway: false })
const filter = device.ModuleClient.fromConnectionString(connectionString, MqttWs)
await filter.setOptions({ ca: hub.caCertificate, mqtt: { webSocketAgent: hub.httpsAgent() } })
await filter.open()
await filter.close()

// A device with a certificate: by its thumbprint, or by an authority.
//   await hub.createDevice('cam-2', { x509: { primaryThumbprint } })
//   await hub.addCertificateAuthority(pem)
//   await hub.createDevice('cam-3', { x509: 'certificateAuthority' })
//   await client.setOptions({ ca: hub.caCertificate, cert, key })

// A message to a device. It waits until the device is there, and until it acknowledges.
const gateway = device.Client.fromConnectionString(hub.deviceConnectionString('gateway'), Mqtt)
await gateway.setOptions({ ca: hub.caCertificate })
await gateway.open()
await hub.sendMessage('gateway', { payload: 'wake up', properties: { urgency: 'high' } })
export const message: device.Message = await new Promise<device.Message>(resolve => gateway.on('message', resolve))
await gateway.complete(message)
await gateway.close()
