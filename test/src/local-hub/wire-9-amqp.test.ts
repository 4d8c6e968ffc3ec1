import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import azureService, { type Client } from 'azure-iothub'
import { describe, expect, it } from 'vitest'
import { serviceClientOf } from './azure-clients.ts'

const calls: readonly [string, (client: Client) => Promise<unknown>][] = [
  ['open', client => client.open()],
  ['send', client => client.send('d1', 'wake up')],
  ['getFeedbackReceiver', client => client.getFeedbackReceiver()],
  ['getFileNotificationReceiver', client => client.getFileNotificationReceiver()],
]

describe('a call that needs AMQP', () => {
  it.each(calls)('such as %s fails at once, and says what to do', async (_name, call) => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await expect(call(serviceClientOf(hub))).rejects.toMatchObject({
      name: 'NotImplementedError',
      message: expect.stringContaining('hub.sendMessage()'),
    })
  })

  it('leaves the client able to do what needs none, and to close', async () => {
    await using hub: LocalHub = await startLocalHub()
    await hub.createDevice('d1')
    const client = hub.route(azureService.Client.fromConnectionString(hub.connectionString()))
    await expect(client.open()).rejects.toThrow('AMQP')
    await expect(client.invokeDeviceMethod('d1', { methodName: 'x' })).rejects.toMatchObject({
      responseBody: expect.stringContaining('404103'),
    })
    await client.close()
  })
})
