// What somebody may have written for a real hub: it knows two connection strings from its environment, and nothing of any local hub.
import device from 'azure-iot-device'
import { Mqtt, MqttWs } from 'azure-iot-device-mqtt'
import service from 'azure-iothub'

const { SERVICE_CONNECTION_STRING = '', DEVICE_CONNECTION_STRING = '' } = process.env

const registry = service.Registry.fromConnectionString(SERVICE_CONNECTION_STRING)
const client = service.Client.fromConnectionString(SERVICE_CONNECTION_STRING)
for (const transport of [Mqtt, MqttWs]) {
  const camera = device.Client.fromConnectionString(DEVICE_CONNECTION_STRING, transport)
  await camera.open()
  camera.onDeviceMethod('echo', (request, response) => void response.send(200, request.payload))
  const twin = await camera.getTwin()
  await new Promise<void>((resolve, reject) => {
    twin.properties.reported.update({ transport: transport.name }, (error?: Error) =>
      error ? reject(error) : resolve(),
    )
  })
  const { responseBody } = await registry.getTwin('cam-1')
  const methodParams = {
    methodName: 'echo',
    payload: responseBody.properties.reported.transport,
    connectTimeoutInSeconds: 5,
  }
  const answer = await client.invokeDeviceMethod('cam-1', methodParams)
  process.stdout.write(`${answer.result.payload}\n`)
  await camera.close()
}
