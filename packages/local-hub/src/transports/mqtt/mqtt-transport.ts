import { once } from 'node:events'
import { createServer } from 'node:tls'
import type { ServerCertificate } from '../../tls/server-certificate.ts'
import { listenOnLoopback } from '../endpoint.ts'
import { TcpSockets } from '../tcp-sockets.ts'
import { tlsOptions } from '../tls-options.ts'
import type { Transport } from '../transport.ts'
import type { MqttGateway } from './mqtt-gateway.ts'

/**
 * Serves MQTT 3.1.1 over TLS on 127.0.0.1.
 *
 * @param port 0 for any free port.
 */
export async function startMqttTransport(
  gateway: MqttGateway,
  certificate: ServerCertificate,
  port: number,
): Promise<Transport> {
  const server = createServer(tlsOptions(certificate))
  const sockets = new TcpSockets(server)
  server.on('secureConnection', socket => gateway.serve({ stream: socket, reset: () => sockets.reset(socket) }))
  const endpoint = await listenOnLoopback(server, port)
  return {
    endpoint,
    close: async () => {
      server.close()
      sockets.destroyAll()
      await once(server, 'close')
    },
  }
}
