/** How MQTT is carried to the hub: over TLS on port 8883, or over WebSocket on port 443, where a firewall lets nothing else out. */
export type TransportName = 'mqtt' | 'mqtt-websocket'

/** Where the hub is. */
export interface HubEndpoint {
  readonly transport: TransportName
  readonly host: string
  readonly port: number
  /** Name that the hub's certificate must have. */
  readonly serverName: string
}

/** Ports of the hub (wire reference 1.1). */
const defaultPorts: { readonly [TName in TransportName]: number } = { mqtt: 8883, 'mqtt-websocket': 443 }

/**
 * Finds out where a connection goes.
 *
 * @param uri what the SDK made of the credentials: `mqtts://host[:port]`
 * @param target where to go instead; the certificate must still have the name in the URI
 */
export function hubEndpoint(
  uri: string,
  transport: TransportName,
  target: { readonly host: string; readonly port: number } | undefined,
): HubEndpoint {
  const { hostname, port } = new URL(uri)
  return {
    transport,
    host: target?.host ?? hostname,
    port: target?.port ?? (port === '' ? defaultPorts[transport] : Number(port)),
    serverName: hostname,
  }
}

/**
 * Finds out where the hub can be asked for its time, by HTTPS.
 *
 * @returns undefined where that is not known: behind an endpoint that speaks MQTT alone
 */
export function timeEndpoint(
  uri: string,
  transport: TransportName,
  target: { readonly host: string; readonly port: number } | undefined,
): HubEndpoint | undefined {
  if (transport === 'mqtt' && (target !== undefined || new URL(uri).port !== '')) return undefined
  return hubEndpoint(uri, 'mqtt-websocket', target)
}
