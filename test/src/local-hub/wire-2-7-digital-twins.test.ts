import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import azureService, { type DigitalTwinClient } from 'azure-iothub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, registryOf } from './azure-clients.ts'

function digitalTwinsOf(hub: LocalHub): DigitalTwinClient {
  const credentials = new azureService.IoTHubTokenCredentials(hub.connectionString('service'))
  return hub.route(new azureService.DigitalTwinClient(credentials))
}

async function etagOf(client: DigitalTwinClient, id: string): Promise<string> {
  const { _response: response } = (await client.getDigitalTwin(id)) ?? {}
  return response?.parsedHeaders.eTag ?? ''
}

describe('the official client of digital twins', () => {
  it('reads a twin and patches it', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d#1')
    const client = digitalTwinsOf(hub)
    expect(await client.getDigitalTwin('d#1')).toMatchObject({ $dtId: 'd#1', $metadata: { $model: '' } })
    const eTag = await etagOf(client, 'd#1')
    expect(eTag).toBe('"AAAAAAAAAAE="')
    const patch = [{ op: 'add', path: '/targetTemperature', value: 42 }]
    await client.updateDigitalTwin('d#1', patch, eTag)
    expect(await etagOf(client, 'd#1')).toBe('"AAAAAAAAAAI="')
    await expect(client.updateDigitalTwin('d#1', patch, eTag)).rejects.toMatchObject({ statusCode: 412 })
    await client.updateDigitalTwin('d#1', patch, '*')
    const { responseBody: twin } = await registryOf(hub).getTwin('d#1')
    expect(twin.properties.desired).toMatchObject({ targetTemperature: 42, $version: 3 })
  })

  it('calls commands of the device and of its components', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    await device.onMethod('reboot', payload => ({ rebooting: payload }))
    device.client.onDeviceMethod('thermostat1*getReport', (request, response) => {
      void response.send(203, request.payload)
    })
    const client = digitalTwinsOf(hub)
    const root = await client.invokeCommand('d1', 'reboot', { delay: 1 })
    expect(root).toMatchObject({ body: { rebooting: { delay: 1 } }, xMsCommandStatuscode: 200 })
    const options = { connectTimeoutInSeconds: 1, responseTimeoutInSeconds: 10 }
    const component = await client.invokeComponentCommand('d1', 'thermostat1', 'getReport', { since: 'x' }, options)
    expect(component).toMatchObject({ body: { since: 'x' }, xMsCommandStatuscode: 203 })
  })

  it('is told what is wrong', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('away')
    const client = digitalTwinsOf(hub)
    await expect(client.getDigitalTwin('nobody')).rejects.toMatchObject({ statusCode: 404 })
    await expect(client.updateDigitalTwin('away', [{ op: 'add' }])).rejects.toMatchObject({ statusCode: 400 })
    await expect(client.invokeCommand('away', 'x', {})).rejects.toMatchObject({
      statusCode: 404,
      message: expect.stringContaining('404103'),
    })
  })
})
