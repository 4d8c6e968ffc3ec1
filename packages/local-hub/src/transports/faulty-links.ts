import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { ByteFaults, WatchedLink } from '../hub-core/faults/byte-faults.ts'
import type { IdentityKey } from '../hub-core/identity/identity-key.ts'
import { listen, loopbackHost } from './endpoint.ts'
import { relay } from './relay.ts'

/**
 * Stands in front of a TLS server while cuts are armed: connections that are opened meanwhile go through a relay, which counts
 * their bytes below TLS. All others are not touched.
 */
export class FaultyLinks {
  readonly #server: Server
  readonly #faults: ByteFaults
  /** By the port from which the relay reaches the server. */
  readonly #links = new Map<number, WatchedLink>()
  readonly #relayed = new WeakSet<Socket>()
  /** Where the relay brings what it relays. */
  #entrance: Promise<Server> | undefined

  /** @param server before anybody else listens to its connections. */
  constructor(server: Server, faults: ByteFaults) {
    this.#server = server
    this.#faults = faults
    const accepting = server.listeners('connection')
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => {
      if (faults.isArmed && !this.#relayed.has(socket)) void this.#relay(socket)
      else for (const accept of accepting) Reflect.apply(accept, server, [socket])
    })
  }

  /** Tells whose connection it is that reaches the server from this port. */
  identify(port: number | undefined, key: IdentityKey): void {
    if (port !== undefined) this.#links.get(port)?.identify(key)
  }

  /** Relays nothing from now on. */
  async close(): Promise<void> {
    const entrance = await this.#entrance
    entrance?.close()
  }

  async #relay(client: Socket): Promise<void> {
    client.pause()
    client.on('error', () => {})
    try {
      this.#entrance ??= this.#open()
      const hub = connect(portOf(await this.#entrance), loopbackHost)
      await once(hub, 'connect')
      const { localPort = 0 } = hub
      const link = this.#faults.open()
      this.#links.set(localPort, link)
      hub.once('close', () => this.#links.delete(localPort))
      relay(client, hub, link)
    } catch {
      client.destroy()
    }
  }

  async #open(): Promise<Server> {
    const entrance = createServer({ noDelay: true }, socket => {
      this.#relayed.add(socket)
      this.#server.emit('connection', socket)
    })
    await listen(entrance, { host: loopbackHost, port: 0 })
    return entrance
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay has no port')
  return address.port
}
