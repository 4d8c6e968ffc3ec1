import { systemClock } from '../connection/clock.ts'
import type { HubConnection, HubConnectionListener } from '../connection/hub-connection.ts'
import { SupervisedConnection } from '../connection/supervised-connection.ts'
import { type AzureConnectionOptions, assertConnectionOptions } from './azure-connection-options.ts'
import { AzureLink } from './azure-link.ts'
import { assertDeviceConnectionString } from './connection-string.ts'

/**
 * Makes a device's connection to IoT Hub over MQTT, on Azure's device client.
 *
 * @param connectionString `HostName=...;DeviceId=...;SharedAccessKey=...`
 * @param listener is told of sessions, direct methods and desired properties
 * @throws IotHubDmError `InvalidConnectionString`
 * @throws TypeError or RangeError when an option is not what it should be
 * @example
 * ```ts
 * const connection = createAzureConnection(connectionString, listener)
 * await connection.open({ abortSignal: AbortSignal.timeout(60_000) })
 * const { desired } = await connection.readTwin()
 * ```
 */
export function createAzureConnection(
  connectionString: string,
  listener: HubConnectionListener,
  options: AzureConnectionOptions = {},
): HubConnection {
  assertDeviceConnectionString(connectionString)
  assertConnectionOptions(options)
  const { endpoint, ca, tokenRenewal, reconnect, clock = systemClock, random } = options
  const { keepAliveInSeconds = 60, connectTimeoutInMs = 30_000, requestTimeoutInMs = 30_000 } = options
  const linkOptions = {
    connectionString,
    endpoint,
    ca,
    keepAliveInSeconds,
    tokenRenewal,
    connectTimeoutInMs,
    requestTimeoutInMs,
    clock,
  }
  return new SupervisedConnection(link => new AzureLink(link, linkOptions), listener, { reconnect, clock, random })
}
