import { once } from 'node:events'
import type { Server } from 'node:net'

/** Where a listener of the hub can be reached. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Where the hub listens unless told otherwise: it is for development and not reachable from another machine. */
export const loopbackHost = '127.0.0.1'

/** Addresses that stand for every address of the machine: listened on, but not to be connected to. */
const wildcardHosts: readonly string[] = ['0.0.0.0', '::']

/**
 * Starts listening.
 *
 * @param endpoint port 0 stands for any free port.
 * @returns where the server can be reached from this machine.
 */
export async function listen(server: Server, { host, port }: Endpoint): Promise<Endpoint> {
  server.listen(port, host)
  await once(server, 'listening')
  return reachableEndpoint(server, host)
}

/** Where a server that listens on this host can be reached from this machine. */
export function reachableEndpoint(server: Server, host: string): Endpoint {
  return { host: wildcardHosts.includes(host) ? loopbackHost : host, port: boundPort(server) }
}

/** The port that a listening server got. */
function boundPort(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no TCP port')
  return address.port
}
