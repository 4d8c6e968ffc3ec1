import { isIPv6 } from 'node:net'
import type { LocalHub } from '../local-hub.ts'
import type { Endpoint } from '../transports/endpoint.ts'
import { standardPorts } from './hub-ports.ts'

/** What a user needs to point clients at a hub. */
export interface ClientGuideOptions {
  readonly hub: LocalHub
  readonly deviceIds: readonly string[]
  /** The file with the certificate to trust. */
  readonly caFile: string
  /** The file to load before a Node.js program that is not to be changed. */
  readonly redirectFile: string
}

/** The connection strings, and how each client is made to trust the hub, as text for a terminal. */
export function clientGuide({ hub, deviceIds, caFile, redirectFile }: ClientGuideOptions): string {
  const { hostName, httpsEndpoint, mqttEndpoint, amqpEndpoint } = hub
  const https = addressOf(httpsEndpoint)
  const mqtt = addressOf(mqttEndpoint)
  const redirect = [
    `${hostName}:${standardPorts.https}=${https}`,
    `${hostName}:${standardPorts.mqtt}=${mqtt}`,
    `${hostName}:${standardPorts.amqp}=${addressOf(amqpEndpoint)}`,
  ].join(',')
  const forAz = hub.connectionString().replace(`HostName=${hostName}`, `HostName=${https}`)
  return `
  REST, MQTT over WebSocket  ${https}
  MQTT                       ${mqtt}
  certificate to trust       ${caFile}

Connection strings
  service     ${hub.connectionString()}
${deviceIds.map(id => `  ${id.padEnd(10)}  ${withoutStandardPort(hub.deviceConnectionString(id))}`).join('\n')}

Node.js, no line of code changed
  export NODE_EXTRA_CA_CERTS='${caFile}'
  export NODE_OPTIONS='--require "${redirectFile}"'
  export IOTHUB_REDIRECT='${redirect}'

Python (devices)
  export SSL_CERT_FILE='${caFile}'

az
  export REQUESTS_CA_BUNDLE='${caFile}'
  az iot hub device-identity list --login '${forAz}'

.NET, Java: see the README
`
}

function addressOf({ host, port }: Endpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** Clients that do not read a port there find the standard one by themselves. */
function withoutStandardPort(connectionString: string): string {
  return connectionString.replace(new RegExp(`(GatewayHostName=[^;:]+):${standardPorts.mqtt}$`), '$1')
}
