import { once } from 'node:events'
import { createServer } from 'node:tls'
import type { ByteFaults } from '../../hub-core/faults/byte-faults.ts'
import type { ServerCertificate } from '../../tls/server-certificate.ts'
import { type Endpoint, listen } from '../endpoint.ts'
import { FaultyLinks } from '../faulty-links.ts'
import { peerCertificateOf } from '../peer-certificate.ts'
import { TcpSockets } from '../tcp-sockets.ts'
import { tlsOptions } from '../tls-options.ts'
import type { Transport } from '../transport.ts'
import type { MqttGateway } from './mqtt-gateway.ts'

/**
 * Serves MQTT 3.1.1 over TLS.
 *
 * @param listenOn port 0 stands for any free port.
 */
export async function startMqttTransport(
  gateway: MqttGateway,
  certificate: ServerCertificate,
  listenOn: Endpoint,
  faults: ByteFaults,
): Promise<Transport> {
  const server = createServer(tlsOptions(certificate))
  const links = new FaultyLinks(server, faults)
  const sockets = new TcpSockets(server)
  server.on('secureConnection', socket => {
    gateway.serve({
      stream: socket,
      reset: () => sockets.reset(socket),
      identified: key => links.identify(socket.remotePort, key),
      certificate: peerCertificateOf(socket),
    })
  })
  const endpoint = await listen(server, listenOn)
  return {
    endpoint,
    close: async () => {
      server.close()
      sockets.destroyAll()
      await Promise.all([once(server, 'close'), links.close()])
    },
  }
}
