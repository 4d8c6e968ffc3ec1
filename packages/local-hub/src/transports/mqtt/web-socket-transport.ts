import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import type { Endpoint } from '../endpoint.ts'
import type { FaultyLinks } from '../faulty-links.ts'
import { peerCertificateOf } from '../peer-certificate.ts'
import { TcpSockets } from '../tcp-sockets.ts'
import type { Transport } from '../transport.ts'
import type { MqttGateway } from './mqtt-gateway.ts'

const path = '/$iothub/websocket'
const subprotocol = 'mqtt'
const maxFrameInBytes = 1024 * 1024

/** An HTTPS server that runs, and where. */
export interface HttpsListener {
  readonly server: Server
  readonly links: FaultyLinks
  readonly endpoint: Endpoint
}

/** Serves MQTT over WebSocket on an HTTPS server that serves something else besides (wire reference 1.1). */
export function startWebSocketTransport(gateway: MqttGateway, { server, links, endpoint }: HttpsListener): Transport {
  const sockets = new TcpSockets(server)
  const webSockets = new WebSocketServer({
    noServer: true,
    path,
    maxPayload: maxFrameInBytes,
    perMessageDeflate: false,
  })
  server.on('upgrade', (request, socket, head) => {
    if (!speaksMqtt(request)) {
      refuse(socket)
      return
    }
    webSockets.handleUpgrade(request, socket, head, webSocket => {
      refuseText(webSocket)
      // The stream tells of the first one only.
      webSocket.on('error', () => {})
      gateway.serve({
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

function speaksMqtt({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some(each => each.trim() === subprotocol)
}

function refuse(socket: Duplex): void {
  const body = `The hub speaks the subprotocol ${subprotocol} on WebSockets, and no other.\n`
  const head = ['HTTP/1.1 400 Bad Request', 'Connection: close', 'Content-Type: text/plain']
  socket.on('error', () => {})
  socket.end([...head, `Content-Length: ${body.length}`, '', body].join('\r\n'), () => socket.destroy())
}

/** MQTT comes in binary frames only (MQTT 3.1.1, 6.0). */
function refuseText(webSocket: WebSocket): void {
  webSocket.on('message', (_data, isBinary) => {
    if (!isBinary) webSocket.terminate()
  })
}
