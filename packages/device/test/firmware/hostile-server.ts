import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import { createTestAuthority, type KeyedCertificate, type TestAuthority } from './certificates.ts'

/** The name by which tests call the server; found by `resolveToLoopback` alone. */
export const serverName = 'images.test'

/** A request as the server got it. */
export interface ServedRequest {
  /** Counted from 1 over all connections. */
  readonly number: number
  /** Path and query. */
  readonly target: string
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** One request, and the connection to answer it on, byte by byte. */
export interface Exchange {
  readonly request: ServedRequest
  /** Writes; resolves once the other side has taken it, or is gone. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>
  /** Ends the connection in good order. */
  readonly end: () => void
  /** Ends the connection with a TCP reset. */
  readonly reset: () => Promise<void>
  readonly isOpen: () => boolean
}

/** What a server does with a request. */
export type ServerScript = (exchange: Exchange) => unknown

/** An HTTPS server on loopback that misbehaves as a test says. Test support. */
export interface HostileServer extends AsyncDisposable {
  readonly authority: TestAuthority
  readonly port: number
  readonly requests: readonly ServedRequest[]
  /** A URL of the server under its name, or another one. */
  readonly url: (target: string, host?: string) => string
  /** Resolves with the n-th request, counted from 1, past or to come. */
  readonly request: (number: number) => Promise<ServedRequest>
}

/** How a {@link HostileServer} is started. */
export interface HostileServerOptions {
  /** Default: one by the server's own authority for its name. */
  readonly certificate?: ((authority: TestAuthority) => Promise<KeyedCertificate>) | undefined
  readonly tls?: Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'ciphers'> | undefined
}

/** Starts a server that answers by a script. */
export async function startHostileServer(
  script: ServerScript,
  options: HostileServerOptions = {},
): Promise<HostileServer> {
  const authority = await createTestAuthority()
  const { key, certificate } = await (options.certificate?.(authority) ?? authority.issue([serverName, '127.0.0.1']))
  const secureContext = createSecureContext({ key, cert: certificate, ...options.tls })
  const requests: ServedRequest[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, tcp => {
    sockets.add(tcp)
    tcp.on('error', () => {}).on('close', () => sockets.delete(tcp))
    const tls = new TLSSocket(tcp, { isServer: true, secureContext })
    tls.on('error', () => tcp.destroy())
    readHead(tls, head => {
      const request = { number: requests.length + 1, ...head }
      requests.push(request)
      for (const check of waiting) check()
      void script(exchangeOn(tcp, tls, request))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return {
    authority,
    port: address.port,
    requests,
    url: (target, host = serverName) => `https://${host}:${address.port}${target}`,
    request: number =>
      new Promise(resolve => {
        const check = (): void => {
          const request = requests[number - 1]
          if (request === undefined) return
          waiting.delete(check)
          resolve(request)
        }
        waiting.add(check)
        check()
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function readHead(tls: TLSSocket, onHead: (head: Omit<ServedRequest, 'number'>) => void): void {
  let text = ''
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1')
    if (!text.includes('\r\n\r\n')) return
    tls.off('data', onData)
    tls.resume()
    const [first = '', ...lines] = text.split('\r\n\r\n', 1)[0]?.split('\r\n') ?? []
    const headers = lines.map(line => /^([^:]+): *(.*)$/.exec(line)?.slice(1) ?? [])
    onHead({
      target: first.split(' ')[1] ?? '',
      headers: Object.fromEntries(headers.map(([name = '', value = '']) => [name.toLowerCase(), value])),
    })
  }
  tls.on('data', onData)
}

function exchangeOn(tcp: Socket, tls: TLSSocket, request: ServedRequest): Exchange {
  const closed = tcp.destroyed ? Promise.resolve() : once(tcp, 'close')
  return {
    request,
    write: bytes =>
      new Promise(resolve => {
        // not at once: a script that writes for ever must let others in
        if (tls.destroyed) return void setImmediate(resolve)
        tls.write(bytes, () => resolve())
        void closed.then(() => resolve())
      }),
    end: () => void tls.end(),
    async reset() {
      if (!tcp.destroyed) tcp.resetAndDestroy()
      await closed
    },
    isOpen: () => !tcp.destroyed,
  }
}
