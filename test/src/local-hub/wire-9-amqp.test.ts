import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import azureService, { type Client } from 'azure-iothub'
import { describe, expect, it } from 'vitest'
import { bundleProgram } from '../support/bundle-program.ts'
import { serviceClientOf } from './azure-clients.ts'
import { bundleRedirect } from './bundle-redirect.ts'

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

  it.each(['Amqp', 'AmqpWs'])(
    'fails at once in a program that was only given a connection string, over %s',
    {
      timeout: 60_000,
    },
    async transport => {
      await using hub = await startLocalHub()
      const caFile = join(await mkdtemp(join(tmpdir(), 'local-hub-')), 'ca.pem')
      await writeFile(caFile, hub.caCertificate)
      const { host, port } = transport === 'Amqp' ? hub.amqpEndpoint : hub.httpsEndpoint
      const program = await bundleProgram('amqp-program')
      const { stdout } = await promisify(execFile)(process.execPath, ['--require', await bundleRedirect(), program], {
        env: {
          ...process.env,
          TRANSPORT: transport,
          NODE_EXTRA_CA_CERTS: caFile,
          IOTHUB_REDIRECT: `${hub.hostName}:${transport === 'Amqp' ? 5671 : 443}=${host}:${port}`,
          SERVICE_CONNECTION_STRING: hub.connectionString(),
        },
        timeout: 30_000,
      })
      expect(stdout.split('\n').filter(line => line.endsWith('Error'))).toEqual(Array(4).fill('NotImplementedError'))
    },
  )
})
