import { startLocalHub } from '@iothub-dm/local-hub'
import device from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import service from 'azure-iothub'

await using hub = await startLocalHub()

// A device: its connection string leads here, the CA is all it needs besides.
const camera = device.Client.fromConnectionString(await hub.createDevice('cam-1'), Mqtt)
await camera.setOptions({ ca: hub.caCertificate })
await camera.open()
const listening = hub.waitFor('deviceSubscribed', event => event.subscription === 'methods')
camera.onDeviceMethod('getLogs', (request, response) => {
  void response.send(200, [`the last ${request.payload.lines} lines`])
})
await listening

// A back end: unchanged, but for the route.
const registry = hub.route(service.Registry.fromConnectionString(hub.connectionString()))
await registry.updateTwin('cam-1', { tags: { site: 'oslo' } }, '*')
const client = hub.route(service.Client.fromConnectionString(hub.connectionString()))
const answer = await client.invokeDeviceMethod('cam-1', { methodName: 'getLogs', payload: { lines: 20 } })
export const logs: unknown = answer.result.payload

await camera.close()
