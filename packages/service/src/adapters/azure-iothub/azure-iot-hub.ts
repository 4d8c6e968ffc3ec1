import { X509Certificate } from 'node:crypto'
import { validateHeaderValue } from 'node:http'
import { Agent } from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import restApiClient from 'azure-iothub/dist/common-http/rest_api_client.js'
import version from 'azure-iothub/dist/version.js'
import type { HubCredentials } from '../../credentials/hub-credentials.ts'
import { ClientClosedError } from '../../errors/client-closed-error.ts'
import { checkPort, checkTimeoutInMs } from '../../hub/check-arguments.ts'
import type { IotHub } from '../../hub/iot-hub.ts'
import { createConfigurationCalls } from './configuration-calls.ts'
import { exchange } from './exchange.ts'
import { createJobCalls } from './job-calls.ts'
import { createMethodCalls } from './method-calls.ts'
import { createQueryCalls } from './query-calls.ts'
import { createRegistryCalls } from './registry-calls.ts'
import type { Send } from './send.ts'
import { toFailure } from './to-failure.ts'
import { createTwinCalls } from './twin-calls.ts'
import { within } from './within.ts'

/** Options of {@link createAzureIotHub}. */
export interface AzureIotHubOptions {
  /** Where to connect instead of port 443 of the hub's host, such as the local hub. The hub's name stays in TLS and HTTP. */
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined
  /** Certificate authority to trust instead of the system's, as PEM text. */
  readonly ca?: string | undefined
  /** Longest wait for a read, in milliseconds. Default: 30 000. */
  readonly requestTimeoutInMs?: number | undefined
  /** Names the application in the hub's logs. */
  readonly userAgent?: string | undefined
}

/**
 * Reaches a hub by Azure's service SDK. One attempt per call, at most 32 connections, which are kept alive and shared by
 * all calls.
 *
 * @param credentials which hub, and how to be let in
 * @param options where to connect and how long to wait
 * @throws RangeError for a time-out or port out of bounds, TypeError for a `ca` or `userAgent` that cannot be used
 * @example
 * ```ts
 * const hub = createAzureIotHub(sharedKeyCredentials(connectionString), { userAgent: 'contoso-fleet/2.1' })
 * const { reported } = await hub.getTwin('cam-1')
 * hub.close()
 * ```
 */
export function createAzureIotHub(credentials: HubCredentials, options: AzureIotHubOptions = {}): IotHub {
  const { endpoint, ca, requestTimeoutInMs = 30_000, userAgent = 'iothub-dm-service' } = options
  const { hostName } = credentials
  checkTimeoutInMs('requestTimeoutInMs', requestTimeoutInMs)
  if (endpoint) checkPort('endpoint.port', endpoint.port)
  validateHeaderValue('userAgent', userAgent)

  const agent = new Agent({
    keepAlive: true,
    maxSockets: 32,
    ...(ca === undefined ? {} : { secureContext: trusting(ca) }),
    ...(endpoint === undefined ? {} : { host: endpoint.host, port: endpoint.port, servername: hostName }),
  })
  const rest = new restApiClient.RestApiClient({ host: hostName }, userAgent)
  let isClosed = false
  const send: Send = async (subject, call, bounds) => {
    if (isClosed) throw new ClientClosedError()
    const { timeoutInMs, abortSignal } = bounds
    if (timeoutInMs !== undefined) checkTimeoutInMs('timeoutInMs', timeoutInMs)
    const query = new URLSearchParams(call.query).toString()
    const path = `${call.path}${version.versionQueryString()}${query === '' ? '' : `&${query}`}`
    const request = { ...call, path, timeoutInMs: timeoutInMs ?? call.timeoutInMs ?? requestTimeoutInMs, abortSignal }
    rest.updateSharedAccessSignature(await within(credentials.authorization(), subject, request))
    const outcome = await exchange(rest, agent, request)
    if (outcome.kind === 'success') return outcome
    throw toFailure(subject, request, outcome)
  }

  return {
    ...createMethodCalls(send),
    ...createTwinCalls(send),
    ...createQueryCalls(send),
    ...createRegistryCalls(send),
    ...createJobCalls(send),
    ...createConfigurationCalls(send),

    close(): void {
      isClosed = true
      // Not agent.destroy(): it would also cut the calls under way. Their connections end with them.
      agent.maxFreeSockets = 0
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy()
      }
    },
  }
}

function trusting(ca: string): SecureContext {
  try {
    // createSecureContext passes over what is no certificate, such as the name of a file.
    void new X509Certificate(ca)
    return createSecureContext({ ca })
  } catch (cause) {
    throw new TypeError('ca: expected certificates as PEM text', { cause })
  }
}
