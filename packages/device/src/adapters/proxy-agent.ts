import { EventEmitter } from 'node:events'
import { Duplex, PassThrough, pipeline } from 'node:stream'

/**
 * A way through a proxy: an agent in the sense of the package agent-base, such as `HttpsProxyAgent` of https-proxy-agent or
 * `SocksProxyAgent` of socks-proxy-agent. Only its tunnel is used; TLS is spoken with the hub through it, and the proxy sees none of it.
 */
export interface ProxyAgent {
  /**
   * @param request a ClientRequest, of which an agent uses the events alone
   * @returns a stream, or a promise of one
   */
  connect(
    request: EventEmitter,
    options: { readonly host: string; readonly port: number; readonly secureEndpoint: false },
  ): unknown
}

/**
 * Opens a tunnel through a proxy. The stream can be written to at once, and destroyed at any time.
 *
 * @returns a stream that ends with an error when the proxy refuses
 */
export function openTunnel(proxyAgent: ProxyAgent, host: string, port: number): Duplex {
  const toHub = new PassThrough()
  const fromHub = new PassThrough()
  const tunnel = Duplex.from({ writable: toHub, readable: fromHub })
  void join(connectThrough(proxyAgent, host, port), tunnel, toHub, fromHub)
  return tunnel
}

async function join(opening: Promise<Duplex>, tunnel: Duplex, toHub: PassThrough, fromHub: PassThrough): Promise<void> {
  try {
    const socket = await opening
    if (tunnel.destroyed) {
      socket.destroy()
      return
    }
    tunnel.once('close', () => socket.destroy())
    pipeline(toHub, socket, fromHub, error => tunnel.destroy(error ?? undefined))
  } catch (error) {
    tunnel.destroy(proxyError(error instanceof Error ? error.message : 'failed'))
  }
}

async function connectThrough(proxyAgent: ProxyAgent, host: string, port: number): Promise<Duplex> {
  // What an agent wants of a request: a place to tell of the proxy's answer.
  const request = new EventEmitter()
  let status: unknown
  request.on('proxyConnect', (answer: { readonly statusCode?: unknown }) => {
    status = answer.statusCode
  })
  const socket: unknown = await proxyAgent.connect(request, { host, port, secureEndpoint: false })
  if (!(socket instanceof Duplex)) throw new Error('gave no socket')
  socket.on('error', () => {})
  if (status !== undefined && status !== 200) {
    socket.destroy()
    throw new Error(`answered ${JSON.stringify(status)}`)
  }
  if ('setNoDelay' in socket && typeof socket.setNoDelay === 'function') socket.setNoDelay(true)
  return socket
}

function proxyError(how: string): Error {
  // mqtt.js tells only of errors that have a code.
  return Object.assign(new Error(`the proxy ${how}`), { code: 'EPROXY' })
}
