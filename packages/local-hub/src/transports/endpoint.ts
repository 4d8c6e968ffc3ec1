import { once } from 'node:events'
import type { Server } from 'node:net'

/** Where a listener of the hub can be reached. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** The only address the hub listens on: it is for development and never reachable from another machine. */
export const loopbackHost = '127.0.0.1'

/**
 * Starts listening on the loopback address.
 *
 * @param port 0 for any free port.
 */
export async function listenOnLoopback(server: Server, port: number): Promise<Endpoint> {
  server.listen(port, loopbackHost)
  await once(server, 'listening')
  return { host: loopbackHost, port: boundPort(server) }
}

/** The port that a listening server got. */
export function boundPort(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no TCP port')
  return address.port
}
