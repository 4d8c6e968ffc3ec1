import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startLocalHub } from '@iothub-dm/local-hub'
import { expect, it } from 'vitest'
import { bundleProgram } from '../support/bundle-program.ts'
import { bundleRedirect } from './bundle-redirect.ts'

it('calls that need a storage account or IoT Edge fail at once, with a word', { timeout: 60_000 }, async () => {
  await using hub = await startLocalHub()
  await hub.createDevice('cam-1')
  await hub.createModule('cam-1', 'filter')
  const caFile = join(await mkdtemp(join(tmpdir(), 'local-hub-')), 'ca.pem')
  await writeFile(caFile, hub.caCertificate)
  const [https, mqtt] = [hub.httpsEndpoint, hub.mqttEndpoint].map(({ host, port }) => `${host}:${port}`)
  const program = [await bundleProgram('edge-calls-program')]
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', await bundleRedirect(), ...program], {
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: caFile,
      IOTHUB_REDIRECT: `${hub.hostName}:443=${https},${hub.hostName}:8883=${mqtt}`,
      DEVICE_CONNECTION_STRING: hub.deviceConnectionString('cam-1', { gateway: false }),
      EdgeHubConnectionString: `${hub.moduleConnectionString('cam-1', 'filter', { gateway: false })};GatewayHostName=${hub.hostName}`,
      EdgeModuleCACertificateFile: caFile,
    },
    timeout: 30_000,
  })
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^Error: Bad Request .*DefaultStorageEndpointNotConfigured/),
    // The client does not pass on why.
    expect.stringMatching(/^BlobSasError/),
    expect.stringMatching(/^Error: Bad Request/),
    expect.stringMatching(/^UnauthorizedError.*IotHubUnauthorizedAccess/),
    expect.stringMatching(/^UnauthorizedError.*IotHubUnauthorizedAccess/),
  ])
})
