import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { HubEndpoint } from './hub-endpoint.ts'
import { openTunnel, type ProxyAgent } from './proxy-agent.ts'

/** Whom to trust, and which way to go. */
export interface RouteOptions {
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | undefined
  /** The proxy to go through. */
  readonly proxyAgent?: ProxyAgent | undefined
}

/** The certificate that a device shows, PEM. */
export interface DeviceCertificate {
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly passphrase?: string | undefined
}

/** Starts a TLS connection to the hub, whose certificate must be in order; there is no way to have it otherwise. */
export function openTlsSocket(
  { host, port, serverName }: Omit<HubEndpoint, 'transport'>,
  { ca, proxyAgent }: RouteOptions,
  { cert, key, passphrase }: DeviceCertificate = {},
): TLSSocket {
  const tunnel = proxyAgent && openTunnel(proxyAgent, host, port)
  const socket = connect({
    cert,
    key,
    passphrase,
    ...(tunnel === undefined ? {} : { socket: tunnel }),
    ...(ca === undefined ? {} : { ca }),
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    host,
    port,
    minVersion: 'TLSv1.2',
  })
  // mqtt.js leaves Nagle's algorithm on, which delays every answer that follows another by an ACK (trap 18).
  socket.setNoDelay(true)
  socket.once('close', () => tunnel?.destroy())
  return socket
}
