import { systemClock } from '../connection/clock.ts'
import type { HubConnection, HubConnectionListener } from '../connection/hub-connection.ts'
import { SupervisedConnection } from '../connection/supervised-connection.ts'
import { type AzureConnectionOptions, assertConnectionOptions } from './azure-connection-options.ts'
import { AzureLink } from './azure-link.ts'
import {
  assertAuthenticationProvider,
  type DeviceAuthenticationProvider,
} from './credentials/authentication-provider.ts'
import { credentialsOf } from './credentials/credentials-of.ts'
import type { SharedConnection } from './shared-client/shared-connection.ts'
import { type AzureDeviceClient, takeOverClient } from './shared-client/take-over-client.ts'

/** Makes a connection when it is told who listens. Everything that can be wrong with it has been checked before. */
export type ConnectToHub = (listener: HubConnectionListener) => HubConnection

/**
 * Makes connections to IoT Hub over MQTT, on Azure's device client.
 *
 * @param connectionString of a device or module: `HostName=...;DeviceId=...[;ModuleId=...]` with `SharedAccessKey=...`, with
 * `SharedAccessSignature=...`, or with `x509=true` and the option `clientCertificate`
 * @throws IotHubDmError `InvalidConnectionString`
 * @throws TypeError or RangeError when an option is not what it should be
 * @example
 * ```ts
 * const connection = connectionFromString(connectionString, {})(listener)
 * await connection.open({ abortSignal: AbortSignal.timeout(60_000) })
 * const { desired } = await connection.readTwin()
 * ```
 */
export function connectionFromString(connectionString: string, options: AzureConnectionOptions): ConnectToHub {
  assertConnectionOptions(options)
  return connectionWith(credentialsOf(connectionString, options, options.clock ?? systemClock), options)
}

/**
 * Makes connections with an authentication provider of the program's own.
 *
 * @throws TypeError or RangeError when the provider or an option is not what it should be
 */
export function connectionFromProvider(
  provider: DeviceAuthenticationProvider,
  options: AzureConnectionOptions,
): ConnectToHub {
  assertAuthenticationProvider(provider)
  assertConnectionOptions(options)
  assertNoCredentials(options, 'an authentication provider')
  return connectionWith(provider, options)
}

/**
 * Makes connections that a client of the SDK shares.
 *
 * @throws TypeError or RangeError when the client or an option is not what it should be
 */
export function connectionFromClient(client: AzureDeviceClient, options: AzureConnectionOptions): ConnectToHub {
  assertConnectionOptions(options)
  assertNoCredentials(options, 'a client')
  if (options.transport !== undefined) throw new TypeError('transport has no place beside a client, which has its own')
  const { credentials, transport, sharedConnection } = takeOverClient(client)
  return connectionWith(credentials, { ...options, transport }, sharedConnection)
}

/** The same as {@link connectionFromString}, for who has a listener already. */
export function createAzureConnection(
  connectionString: string,
  listener: HubConnectionListener,
  options: AzureConnectionOptions = {},
): HubConnection {
  return connectionFromString(connectionString, options)(listener)
}

function assertNoCredentials(options: AzureConnectionOptions, beside: string): void {
  for (const name of ['clientCertificate', 'getSharedAccessSignature', 'tokenRenewal'] as const) {
    if (options[name] !== undefined) throw new TypeError(`${name} has no place beside ${beside}`)
  }
}

function connectionWith(
  credentials: DeviceAuthenticationProvider,
  options: AzureConnectionOptions,
  sharedConnection?: SharedConnection,
): ConnectToHub {
  const { endpoint, ca, proxyAgent, reconnect, clock = systemClock, random } = options
  const { transport = 'mqtt', keepAliveInSeconds = 60 } = options
  const { connectTimeoutInMs = 30_000, requestTimeoutInMs = 30_000 } = options
  const linkOptions = {
    credentials,
    transport,
    endpoint,
    ca,
    proxyAgent,
    keepAliveInSeconds,
    connectTimeoutInMs,
    requestTimeoutInMs,
    sharedConnection,
    clock,
  }
  return listener =>
    new SupervisedConnection(link => new AzureLink(link, linkOptions), listener, { reconnect, clock, random })
}
