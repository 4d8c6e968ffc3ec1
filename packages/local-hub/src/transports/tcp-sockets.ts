import { type Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * The TCP sockets of a TLS server. A TLS socket cannot be reset, only the TCP socket under it; the two are matched by the
 * client's port, which is unique on a listener that is bound to one address.
 */
export class TcpSockets {
  readonly #byRemotePort = new Map<number, Socket>()

  /** Keeps the connections that the server accepts from now on. */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => this.#add(socket))
  }

  /** Answers the peer of a TLS connection with a TCP reset, as a failing network does. */
  reset(connection: Duplex): void {
    const port = connection instanceof Socket ? connection.remotePort : undefined
    if (port !== undefined) this.#byRemotePort.get(port)?.resetAndDestroy()
  }

  destroyAll(): void {
    for (const socket of this.#byRemotePort.values()) socket.destroy()
  }

  #add(socket: Socket): void {
    const { remotePort } = socket
    if (remotePort === undefined) return
    this.#byRemotePort.set(remotePort, socket)
    socket.once('close', () => {
      if (this.#byRemotePort.get(remotePort) === socket) this.#byRemotePort.delete(remotePort)
    })
  }
}
