import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { ServerCertificate } from '../../tls/server-certificate.ts'
import { listenOnLoopback } from '../endpoint.ts'
import type { Transport } from '../transport.ts'
import { createMqttBroker } from './mqtt-broker.ts'
import { MqttGateway } from './mqtt-gateway.ts'
import { TcpSockets } from './tcp-sockets.ts'

/**
 * Serves MQTT 3.1.1 over TLS on 127.0.0.1.
 *
 * @param port 0 for any free port.
 */
export async function startMqttTransport(
  core: HubCore,
  certificate: ServerCertificate,
  port: number,
): Promise<Transport> {
  const gateway = new MqttGateway(core)
  const sockets = new TcpSockets()
  const broker = await createMqttBroker({
    gateway,
    sessions: core.sessions,
    reset: client => sockets.reset(client.conn),
  })
  const server = createServer({
    key: certificate.key,
    cert: certificate.certificate,
    minVersion: 'TLSv1.2',
    noDelay: true,
  })
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('secureConnection', socket => {
    const client = broker.handle(socket)
    socket.once('close', () => gateway.disconnected(client, 'closedByClient'))
  })
  const closeBroker = (): Promise<void> => new Promise(resolve => broker.close(() => resolve()))
  const endpoint = await listenOnLoopback(server, port).catch(async (error: unknown) => {
    await closeBroker()
    throw error
  })
  return {
    endpoint,
    close: async () => {
      server.close()
      sockets.destroyAll()
      await Promise.all([once(server, 'close'), closeBroker()])
    },
  }
}
