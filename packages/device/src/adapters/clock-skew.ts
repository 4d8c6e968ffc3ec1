import { Agent, request } from 'node:https'
import { type Clock, noTimeout } from '../connection/clock.ts'
import type { HubEndpoint } from './hub-endpoint.ts'
import { openTlsSocket, type RouteOptions } from './tls-socket.ts'

/** Longest wait for the hub's time, in milliseconds. */
const timeoutInMs = 5_000

/**
 * Asks the hub what time it is, by the `Date` of an HTTPS answer, whatever else the answer says.
 *
 * @returns how far the device's clock is ahead of the hub's, in milliseconds; undefined when the hub did not tell
 */
export function measureClockSkew(
  endpoint: Omit<HubEndpoint, 'transport'>,
  route: RouteOptions,
  clock: Clock,
): Promise<number | undefined> {
  const socket = openTlsSocket(endpoint, route)
  const agent = new Agent()
  agent.createConnection = () => socket
  return new Promise<number | undefined>(resolve => {
    let cancelDeadline = noTimeout
    const settle = (hubTimeInMs: number): void => {
      cancelDeadline()
      socket.destroy()
      resolve(Number.isNaN(hubTimeInMs) ? undefined : clock.now() - hubTimeInMs)
    }
    cancelDeadline = clock.setTimeout(() => settle(Number.NaN), timeoutInMs)
    const asking = request({ agent, method: 'HEAD', path: '/', headers: { host: endpoint.serverName } })
    asking.on('error', () => settle(Number.NaN))
    asking.on('response', ({ headers }) => settle(Date.parse(headers.date ?? '')))
    asking.end()
  })
}
