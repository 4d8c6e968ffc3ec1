import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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

  it('fails at once in a program that was only given a connection string, too', { timeout: 60_000 }, async () => {
    await using hub = await startLocalHub()
    const caFile = join(await mkdtemp(join(tmpdir(), 'local-hub-')), 'ca.pem')
    await writeFile(caFile, hub.caCertificate)
    const { host, port } = hub.amqpEndpoint
    const program = fileURLToPath(new URL('../support/amqp-program.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program], {
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: caFile,
        SERVICE_CONNECTION_STRING: hub.connectionString().replace(hub.hostName, `${host}:${port}`),
      },
      timeout: 30_000,
    })
    expect(stdout).toBe('NotImplementedError\n'.repeat(4))
  })
})
