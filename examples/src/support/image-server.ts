// The certificate library needs the reflection polyfill before it is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as x509 from '@peculiar/x509'
import { imageServerHost } from './image-server-host.ts'

/** An HTTPS server for images on loopback, as blob storage would be: with ETags and ranges. */
export interface ImageServer extends AsyncDisposable {
  /** Certificate authority to trust, PEM. */
  readonly ca: string
  /** The URL of a file in the folder, with a token as blob storage wants one, unless everybody may read it. */
  readonly urlOf: (name: string) => string
  /** What it was asked for so far: the file, and from which byte on. */
  readonly requests: readonly { readonly name: string; readonly first: number }[]
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const token = 'sig=token-of-the-example'
const blockSize = 64 * 1024

/**
 * Starts the server.
 *
 * @param directory what it serves
 * @param bytesPerSecond how fast it is
 * @param access who gets an image: those with the token, or everybody
 */
export async function startImageServer(
  directory: string,
  bytesPerSecond = Number.POSITIVE_INFINITY,
  access: 'token' | 'public' = 'token',
): Promise<ImageServer> {
  const query = access === 'token' ? `?${token}` : ''
  const { key, certificate } = await createCertificate()
  const requests: { readonly name: string; readonly first: number }[] = []

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search } = new URL(request.url ?? '/', 'https://localhost')
    if (search !== query) return void response.writeHead(403).end()
    const path = join(directory, basename(pathname))
    const { size, mtimeMs } = await stat(path)
    const etag = `"${size}-${mtimeMs}"`
    const first =
      request.headers['if-range'] === etag ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]) : 0
    requests.push({ name: basename(path), first })
    const headers = { etag, 'content-length': size - first }
    if (first === 0) response.writeHead(200, headers)
    else response.writeHead(206, { ...headers, 'content-range': `bytes ${first}-${size - 1}/${size}` })
    await pipeline(createReadStream(path, { start: first, highWaterMark: blockSize }), slowly, response)
  }
  const slowly = async function* (blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      yield block
      if (bytesPerSecond < Number.POSITIVE_INFINITY) await sleep((1000 * block.length) / bytesPerSecond)
    }
  }

  const server = createServer({ key, cert: certificate }, (request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return {
    ca: certificate,
    urlOf: name => `https://${imageServerHost}:${address.port}/${name}${query}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function createCertificate(): Promise<{ readonly key: string; readonly certificate: string }> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${imageServerHost}`,
    keys,
    signingAlgorithm: keyAlgorithm,
    notBefore: new Date(Date.now() - 3_600_000),
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: imageServerHost }]),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), certificate: certificate.toString('pem') }
}
