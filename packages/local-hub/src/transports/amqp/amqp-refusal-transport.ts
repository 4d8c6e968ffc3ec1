import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { createServer } from 'node:tls'
import type { ServerCertificate } from '../../tls/server-certificate.ts'
import { type Endpoint, listen } from '../endpoint.ts'
import { TcpSockets } from '../tcp-sockets.ts'
import { tlsOptions } from '../tls-options.ts'
import type { Transport } from '../transport.ts'
import { amqpHeader, closeFrame, openFrame } from './amqp-frame.ts'

const refusal = Buffer.concat([
  amqpHeader,
  openFrame('local-hub'),
  closeFrame(
    'amqp:not-implemented',
    'The local hub does not speak AMQP. Send cloud-to-device messages by its own API, everything else over HTTPS and MQTT.',
  ),
])

/** How long a client may take to say goodbye. */
const patienceInMs = 5000

/**
 * Tells every AMQP client over TLS that AMQP is not served. Without it clients find nothing where they look for a hub, and go on
 * looking for minutes (wire reference 9).
 *
 * @param listenOn port 0 stands for any free port.
 */
export async function startAmqpRefusalTransport(
  certificate: ServerCertificate,
  listenOn: Endpoint,
): Promise<Transport> {
  const server = createServer({ ...tlsOptions(certificate), handshakeTimeout: patienceInMs })
  const sockets = new TcpSockets(server)
  server.on('secureConnection', refuseAmqpClient)
  const endpoint = await listen(server, listenOn)
  return {
    endpoint,
    close: async () => {
      server.close()
      sockets.destroyAll()
      await once(server, 'close')
    },
  }
}

/** Tells a client on a connection of any kind the same, and lets it go. */
export function refuseAmqpClient(connection: Duplex): void {
  connection.on('error', () => {})
  const patience = setTimeout(() => connection.destroy(), patienceInMs)
  connection.once('close', () => clearTimeout(patience))
  // What it sends is not read but thrown away: a connection that is closed with bytes unread is reset, and the reason lost.
  connection.resume()
  connection.end(refusal)
}
