import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import type { ClientChannel } from './client-channel.ts'
import type { Endpoint } from './endpoint.ts'
import type { FaultyLinks } from './faulty-links.ts'
import { peerCertificateOf } from './peer-certificate.ts'
import { TcpSockets } from './tcp-sockets.ts'
import type { Transport } from './transport.ts'

const path = '/$iothub/websocket'
const maxFrameInBytes = 1024 * 1024

/** An HTTPS server that runs, and where. */
export interface HttpsListener {
  readonly server: Server
  readonly links: FaultyLinks
  readonly endpoint: Endpoint
}

/** Who takes the clients of each subprotocol. */
export type SubprotocolHandlers = ReadonlyMap<string, (channel: ClientChannel) => void>

/**
 * Serves protocols over WebSocket on an HTTPS server that serves something else besides (wire reference 1.1). Of the subprotocols
 * that a client offers, the first that has a handler is spoken.
 */
export function startWebSocketTransport(
  { server, links, endpoint }: HttpsListener,
  handlers: SubprotocolHandlers,
): Transport {
  const sockets = new TcpSockets(server)
  const webSockets = new WebSocketServer({
    noServer: true,
    path,
    maxPayload: maxFrameInBytes,
    perMessageDeflate: false,
    handleProtocols: offered => [...offered].find(name => handlers.has(name)) ?? false,
  })
  server.on('upgrade', (request, socket, head) => {
    if (!offeredBy(request).some(name => handlers.has(name))) {
      refuse(socket, [...handlers.keys()])
      return
    }
    webSockets.handleUpgrade(request, socket, head, webSocket => {
      refuseText(webSocket)
      // The stream tells of the first one only.
      webSocket.on('error', () => {})
      handlers.get(webSocket.protocol)?.({
        stream: createWebSocketStream(webSocket),
        reset: () => sockets.reset(request.socket),
        identified: key => links.identify(request.socket.remotePort, key),
        certificate: peerCertificateOf(request.socket),
      })
    })
  })
  return {
    endpoint,
    close: async () => {
      for (const webSocket of webSockets.clients) webSocket.terminate()
    },
  }
}

function offeredBy({ headers }: IncomingMessage): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
}

function refuse(socket: Duplex, spoken: readonly string[]): void {
  const body = `The hub speaks these subprotocols on WebSockets, and no other: ${spoken.join(', ')}.\n`
  const head = ['HTTP/1.1 400 Bad Request', 'Connection: close', 'Content-Type: text/plain']
  socket.on('error', () => {})
  socket.end([...head, `Content-Length: ${body.length}`, '', body].join('\r\n'), () => socket.destroy())
}

/** What is spoken here comes in binary frames only (MQTT 3.1.1, 6.0; AMQP WebSocket Binding, 2.4). */
function refuseText(webSocket: WebSocket): void {
  webSocket.on('message', (_data, isBinary) => {
    if (!isBinary) webSocket.terminate()
  })
}
