import { X509Certificate } from 'node:crypto'
import { type Clock, longestTimeoutInMs } from '../connection/clock.ts'
import type { ReconnectOptions } from '../connection/reconnect-delay.ts'
import { assertClientCertificate, type ClientCertificate } from './credentials/client-certificate.ts'
import type { GetSharedAccessSignature } from './credentials/shared-access-signature-provider.ts'
import type { TransportName } from './hub-endpoint.ts'
import type { ProxyAgent } from './proxy-agent.ts'

/** How an agent connects: part of the options of `DeviceAgent`. */
export interface AzureConnectionOptions {
  /**
   * How MQTT is carried: `mqtt`, over TLS on port 8883, or `mqtt-websocket`, over WebSocket on port 443, where a firewall or a proxy
   * lets nothing else out. Default: `mqtt`.
   */
  readonly transport?: TransportName | undefined
  /**
   * The proxy to go through: an agent such as `new HttpsProxyAgent('http://proxy:3128')` of the package https-proxy-agent, with either
   * transport. Many proxies let only port 443 through, thus `mqtt-websocket`.
   */
  readonly proxyAgent?: ProxyAgent | undefined
  /** The certificate of the device, with a connection string that says `x509=true`. */
  readonly clientCertificate?: ClientCertificate | undefined
  /**
   * Gives a token: the first one, unless the connection string has one, and another one before each ends. For keys that lie in a
   * security module, or with a service.
   */
  readonly getSharedAccessSignature?: GetSharedAccessSignature | undefined
  /**
   * Where to connect to, if not to the transport's port of the host in the connection string: a local hub, a gateway. Its
   * certificate must still be made out to the host in the connection string.
   */
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined
  /** PEM certificates of the authorities to trust instead of the system's. There is no way to trust none. */
  readonly ca?: string | undefined
  /**
   * Time between two pings, in seconds. A dead connection is noticed within one and a half times as long. Default: 60,
   * which notices within 90 s and stays well under the 4 minutes after which Azure's load balancers drop a silent
   * connection; the SDK's own 180 would leave a device unreachable for up to 6 minutes.
   */
  readonly keepAliveInSeconds?: number | undefined
  /** Longest wait for a connection, from the TCP handshake to the subscriptions, in milliseconds. Default: 30,000. */
  readonly connectTimeoutInMs?: number | undefined
  /** Longest wait for the answer to a twin request unless the call says otherwise, in milliseconds. Default: 30,000. */
  readonly requestTimeoutInMs?: number | undefined
  /** When tokens are renewed. Default: the SDK's, valid for an hour and renewed 15 minutes before their end. */
  readonly tokenRenewal?: TokenRenewal | undefined
  /** How to come back after a loss. */
  readonly reconnect?: ReconnectOptions | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
  /** Draws a number in [0, 1), for the waits between attempts. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** When SAS tokens are renewed. Each renewal is a new session. */
export interface TokenRenewal {
  /** How long a token is valid, in seconds. */
  readonly validInSeconds: number
  /** How long before its end a token is renewed, in seconds. */
  readonly marginInSeconds: number
}

/** Longest keep-alive that the hub takes (wire reference 1.8). */
const maxKeepAliveInSeconds = 1_177

/**
 * Checks the options, so that a mistake is told where it was made and not by a connection that never comes.
 *
 * @throws TypeError or RangeError naming the option
 */
export function assertConnectionOptions(options: AzureConnectionOptions): void {
  const { endpoint, ca, keepAliveInSeconds, connectTimeoutInMs, requestTimeoutInMs, tokenRenewal } = options
  if (endpoint !== undefined) {
    if (typeof endpoint.host !== 'string' || endpoint.host === '') {
      throw new TypeError(`endpoint.host must be a host name or an address, not ${JSON.stringify(endpoint.host)}`)
    }
    assertWithin('endpoint.port', endpoint.port, 1, 65_535)
  }
  if (ca !== undefined) assertCertificates(ca)
  assertTransport(options)
  if (options.clientCertificate !== undefined) assertClientCertificate(options.clientCertificate)
  assertWithin('keepAliveInSeconds', keepAliveInSeconds, 1, maxKeepAliveInSeconds)
  assertWithin('connectTimeoutInMs', connectTimeoutInMs, 1, longestTimeoutInMs)
  assertWithin('requestTimeoutInMs', requestTimeoutInMs, 1, longestTimeoutInMs)
  if (tokenRenewal !== undefined) {
    const { validInSeconds, marginInSeconds } = tokenRenewal
    assertWithin('tokenRenewal.validInSeconds', validInSeconds, 2, Math.floor(longestTimeoutInMs / 1_000))
    assertWithin('tokenRenewal.marginInSeconds', marginInSeconds, 1, validInSeconds - 1)
  }
}

function assertTransport({ transport, proxyAgent, getSharedAccessSignature }: AzureConnectionOptions): void {
  if (transport !== undefined && transport !== 'mqtt' && transport !== 'mqtt-websocket') {
    throw new TypeError(`transport must be 'mqtt' or 'mqtt-websocket', not ${JSON.stringify(transport)}`)
  }
  if (proxyAgent !== undefined && typeof proxyAgent?.connect !== 'function') {
    throw new TypeError('proxyAgent must be an agent with connect(), such as HttpsProxyAgent of https-proxy-agent')
  }
  if (getSharedAccessSignature !== undefined && typeof getSharedAccessSignature !== 'function') {
    throw new TypeError(`getSharedAccessSignature must be a function, not ${typeof getSharedAccessSignature}`)
  }
}

function assertWithin(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return
  throw new RangeError(`${name} must be an integer from ${min} to ${max}, not ${value}`)
}

function assertCertificates(ca: string): void {
  if (!isCertificate(ca)) throw new TypeError('ca must be one or more certificates in PEM form')
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
