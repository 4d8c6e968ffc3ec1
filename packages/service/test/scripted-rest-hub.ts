// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants the polyfill loaded before it
import 'reflect-metadata'
import { EventEmitter, once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import * as x509 from '@peculiar/x509'
import { type AzureIotHubOptions, createAzureIotHub } from '../src/adapters/azure-iothub/azure-iot-hub.ts'
import { sharedKeyCredentials } from '../src/adapters/azure-iothub/shared-key-credentials.ts'
import type { IotHub } from '../src/hub/iot-hub.ts'

const hostName = 'scripted.azure-devices.net'

/** What the scripted hub got. */
interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What it does with a request: answers, in one way or another, or not. */
export type Script = (response: ServerResponse, request: ReceivedRequest) => void

/** A REST endpoint on loopback that does what a test says, misbehaviour included. Test support. */
export interface ScriptedRestHub extends AsyncDisposable {
  readonly received: readonly ReceivedRequest[]
  /** Resolves when the next request is there. */
  readonly nextRequest: () => Promise<unknown>
  /** Number of connections accepted so far. */
  readonly connections: () => number
  /** Resolves when no connection is open. */
  readonly disconnected: () => Promise<void>
  /** The key of the connection string, which must show up nowhere. */
  readonly sharedAccessKey: string
  readonly connect: (options?: AzureIotHubOptions) => IotHub
}

/**
 * Starts a scripted hub with a certificate of its own.
 *
 * @param script what it does with each request
 */
export async function startScriptedRestHub(script: Script): Promise<ScriptedRestHub> {
  const { key, certificate } = await makeCertificate()
  const received: ReceivedRequest[] = []
  const events = new EventEmitter()
  const open = new Set<TLSSocket>()
  let connections = 0

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = incoming
    const request = { method, url, headers, body: await text(incoming) }
    received.push(request)
    events.emit('request')
    script(response, request)
  }
  const server = createServer({ key, cert: certificate }, (incoming, response) => {
    answer(incoming, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.keepAliveTimeout = 0
  server.on('secureConnection', socket => {
    connections += 1
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      events.emit('close')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')

  const sharedAccessKey = Buffer.from('the key that nobody may see').toString('base64')
  const clients: IotHub[] = []
  return {
    received,
    nextRequest: () => once(events, 'request'),
    connections: () => connections,
    disconnected: async () => {
      while (open.size > 0) await once(events, 'close')
    },
    sharedAccessKey,
    connect: options => {
      const client = createAzureIotHub(
        sharedKeyCredentials(`HostName=${hostName};SharedAccessKeyName=service;SharedAccessKey=${sharedAccessKey}`),
        { endpoint: { host: '127.0.0.1', port: address.port }, ca: certificate, ...options },
      )
      clients.push(client)
      return client
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** A script that answers with JSON. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script {
  return response =>
    response
      .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(body))
}

/** A self-signed certificate for the hub's host name, as PEM. */
async function makeCertificate(): Promise<{ readonly key: string; readonly certificate: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${hostName}`,
    keys,
    signingAlgorithm: algorithm,
    // Not now: OpenSSL's clock is up to some milliseconds behind, and may be in the second before.
    notBefore: new Date(Date.now() - 3_600_000),
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: hostName }]),
    ],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { key, certificate: certificate.toString('pem') }
}
