// An unchanged device and an unchanged module that ask for what IoT Hub does only with a storage account, or with IoT Edge: prints how
// each call ends.
import { Readable } from 'node:stream'
import azure from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'

const { DEVICE_CONNECTION_STRING = '' } = process.env
const device = azure.Client.fromConnectionString(DEVICE_CONNECTION_STRING, Mqtt)
const filter = await azure.ModuleClient.fromEnvironment(Mqtt)
await filter.open()

const method = { methodName: 'x', payload: null, connectTimeoutInSeconds: 0, responseTimeoutInSeconds: 5 }
const calls: readonly (() => Promise<unknown>)[] = [
  () => device.getBlobSharedAccessSignature('logs.txt'),
  () => device.uploadToBlob('logs.txt', Readable.from(['line']), 4),
  () => device.notifyBlobUploadStatus('correlation-id', true, 200, 'done'),
  () => filter.invokeMethod('cam-1', method),
  () => filter.invokeMethod('cam-1', 'filter', method),
]

for (const call of calls) {
  const error: unknown = await call().catch((cause: unknown) => cause)
  const answer: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'responseBody') : undefined
  process.stdout.write(`${String(error)} ${String(answer)}\n`)
}
await filter.close()
process.exit()
