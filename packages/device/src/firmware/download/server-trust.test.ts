import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createTestAuthority } from '../../../test/firmware/certificates.ts'
import { openDownloadBench } from '../../../test/firmware/download-bench.ts'
import { type HostileServerOptions, serverName } from '../../../test/firmware/hostile-server.ts'
import { serveImage } from '../../../test/firmware/image-scripts.ts'

describe('F15: a server on the path', () => {
  it.each<readonly [string, HostileServerOptions]>([
    ['whose authority nobody knows', { certificate: async () => (await createTestAuthority()).issue([serverName]) }],
    ['with the name of another', { certificate: authority => authority.issue(['other.test']) }],
    [
      'whose certificate has expired',
      { certificate: authority => authority.issue([serverName], new Date(Date.now() - 1000)) },
    ],
    ['that speaks TLS 1.0', { tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } }],
    ['that speaks TLS 1.1', { tls: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } }],
  ])('is not trusted, %s', async (_, options) => {
    await using bench = await openDownloadBench(image => serveImage(image), options)
    await expect(bench.download()).rejects.toMatchObject({ code: 'ServerNotTrusted', retryable: false })
    expect(bench.server.requests).toEqual([])
    expect(await bench.folder()).toEqual({ 'image.partial': '' })
  })

  it('is not trusted without the authority, whatever the environment says', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      await expect(bench.download({}, { ca: undefined })).rejects.toMatchObject({ code: 'ServerNotTrusted' })
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })

  it('is trusted beside the authorities that Node ships, not in their place', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    const other = await createTestAuthority()
    await bench.download({}, { ca: [other.certificate, bench.server.authority.certificate] })
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('finds no switch that turns the check of certificates off', () => {
    const sources = fileURLToPath(new URL('../..', import.meta.url))
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
      name => name.endsWith('.ts') && !name.endsWith('.test.ts'),
    )
    expect(files.length).toBeGreaterThan(50)
    const texts = files.map(name => readFileSync(join(sources, name), 'utf8'))
    expect(texts.filter(text => /insecure|rejectUnauthorized: (?!true)|NODE_TLS_REJECT/i.test(text))).toEqual([])
  })
})
