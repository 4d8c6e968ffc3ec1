import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { SecureVersion } from 'node:tls'
import { createServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { createCertificate } from '../../../packages/local-hub/test/certificates.ts'
import { AgentBench } from './agent-bench.ts'

interface Pretender {
  readonly commonName: string
  readonly notAfter?: Date
  readonly maxVersion?: SecureVersion
}

const pretenders: readonly [string, Pretender][] = [
  ['has a certificate for another name', { commonName: 'elsewhere.azure-devices.net' }],
  ['has a certificate that has ended', { commonName: '127.0.0.1', notAfter: new Date(Date.now() - 60_000) }],
  ['speaks nothing newer than TLS 1.1', { commonName: '127.0.0.1', maxVersion: 'TLSv1.1' }],
]

describe.each(['mqtt', 'mqtt-websocket'] as const)('F15: on %s, a server that', transport => {
  it.each(pretenders)('%s gets no byte of the credentials', async (_, { maxVersion, ...certificate }) => {
    const authority = await createCertificate({ commonName: 'Trusted', isAuthority: true })
    const { cert, key } = await createCertificate({ ...certificate, issuer: authority })
    let bytes = 0
    const versions =
      maxVersion === undefined ? {} : { minVersion: 'TLSv1' as const, maxVersion, ciphers: 'ALL@SECLEVEL=0' }
    const server = createServer({ cert, key, ...versions }, socket => {
      socket.on('data', chunk => {
        bytes += chunk.length
      })
      socket.on('error', () => {})
    })
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await using bench = await AgentBench.open()
    const agent = bench.agentOf('HostName=contoso.azure-devices.net;DeviceId=cam-1;SharedAccessKey=c2VjcmV0', {
      transport,
      endpoint: { host: '127.0.0.1', port },
      ca: authority.cert,
    })
    const failed = new Promise<Error>(resolve => agent.once('connectFailed', resolve))
    const opening = expect(agent.open()).rejects.toMatchObject({ code: 'ConnectionClosed' })
    expect(await failed).toMatchObject({ code: 'HubUnavailable' })
    await agent.close()
    await opening
    expect(bytes).toBe(0)
    server.close()
    await once(server, 'close')
  })
})

it('F15: nothing in the device package turns the check of certificates off', () => {
  const sources = new URL('../../../packages/device/src/', import.meta.url)
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(name =>
    /(?<!\.test)\.ts$/.test(name),
  )
  expect(files.length).toBeGreaterThan(100)
  for (const file of files) {
    expect(readFileSync(new URL(file, sources), 'utf8'), file).not.toMatch(
      /rejectUnauthorized(?!: true\b)|checkServerIdentity|NODE_TLS_REJECT|SECLEVEL/,
    )
  }
})
