import { X509Certificate } from 'node:crypto'
import { validateHeaderValue } from 'node:http'
import { Agent } from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { JsonValue } from '@iothub-dm/protocol'
import restApiClient from 'azure-iothub/dist/common-http/rest_api_client.js'
import sharedAccessSignature from 'azure-iothub/dist/shared_access_signature.js'
import version from 'azure-iothub/dist/version.js'
import { ClientClosedError } from '../../errors/client-closed-error.ts'
import { checkDeviceId, checkMethodRequest, checkPort, checkTimeoutInMs } from '../../hub/check-arguments.ts'
import { parseHubConnectionString } from '../../hub/hub-connection-string.ts'
import { HubError } from '../../hub/hub-error.ts'
import type { DeviceTwin, HubCallOptions, IotHub, MethodRequest, MethodResponse } from '../../hub/iot-hub.ts'
import { parseDeviceTwin, parseMethodResponse } from '../../hub/parse-hub-answer.ts'
import { type HubCallSubject, invalidHubAnswer, toHubError } from '../../hub/to-hub-error.ts'
import { exchange, type RestCall, type RestOutcome } from './exchange.ts'

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

/** The hub's answer to a method call takes at most its two waits; this is for the way there and back. */
const methodMarginInMs = 10_000

/**
 * Reaches a hub by Azure's service SDK. One attempt per call, at most 32 connections, which are kept alive and shared by
 * all calls.
 *
 * @param connectionString of a shared access policy with the ServiceConnect permission
 * @param options where to connect and how long to wait
 * @throws IotHubDmError with code `InvalidConnectionString`
 * @throws RangeError for a time-out or port out of bounds, TypeError for a `ca` or `userAgent` that cannot be used
 * @example
 * ```ts
 * const hub = createAzureIotHub(connectionString, { userAgent: 'contoso-fleet/2.1' })
 * const { reported } = await hub.getTwin('cam-1')
 * hub.close()
 * ```
 */
export function createAzureIotHub(connectionString: string, options: AzureIotHubOptions = {}): IotHub {
  const { endpoint, ca, requestTimeoutInMs = 30_000, userAgent = 'iothub-dm-service' } = options
  const { hostName, sharedAccessKeyName, sharedAccessKey } = parseHubConnectionString(connectionString)
  checkTimeoutInMs('requestTimeoutInMs', requestTimeoutInMs)
  if (endpoint) checkPort('endpoint.port', endpoint.port)
  validateHeaderValue('userAgent', userAgent)

  const agent = new Agent({
    keepAlive: true,
    maxSockets: 32,
    ...(ca === undefined ? {} : { secureContext: trusting(ca) }),
    ...(endpoint === undefined ? {} : { host: endpoint.host, port: endpoint.port, servername: hostName }),
  })
  const rest = new restApiClient.RestApiClient(
    {
      host: hostName,
      // The expiry does not matter: the REST client signs for the next hour at every call.
      sharedAccessSignature: sharedAccessSignature.create(hostName, sharedAccessKeyName, sharedAccessKey, 1),
    },
    userAgent,
  )
  let isClosed = false
  const send = async (subject: HubCallSubject, call: RestCall): Promise<JsonValue | undefined> => {
    if (isClosed) throw new ClientClosedError()
    const outcome = await exchange(rest, agent, call)
    if (outcome.kind === 'success') return outcome.body
    throw failure(subject, call, outcome)
  }

  return {
    async invokeMethod(deviceId: string, request: MethodRequest, call: HubCallOptions = {}): Promise<MethodResponse> {
      checkDeviceId(deviceId)
      checkMethodRequest(request)
      const { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds } = request
      const hubWaitInMs = (connectTimeoutInSeconds + responseTimeoutInSeconds) * 1000
      const subject = { description: `method '${methodName}' of device '${deviceId}'`, mayAct: true }
      const answer = await send(subject, {
        method: 'POST',
        path: `${twinPath(deviceId)}/methods${version.versionQueryString()}`,
        body: { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds },
        ...boundsOf(call, hubWaitInMs + methodMarginInMs),
      })
      return parseMethodResponse(subject, answer)
    },

    async getTwin(deviceId: string, call: HubCallOptions = {}): Promise<DeviceTwin> {
      checkDeviceId(deviceId)
      const subject = { description: `twin of device '${deviceId}'`, mayAct: false }
      const answer = await send(subject, {
        method: 'GET',
        path: `${twinPath(deviceId)}${version.versionQueryString()}`,
        ...boundsOf(call, requestTimeoutInMs),
      })
      return parseDeviceTwin(subject, answer)
    },

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

function twinPath(deviceId: string): string {
  return `/twins/${encodeURIComponent(deviceId)}`
}

function boundsOf(
  { timeoutInMs, abortSignal }: HubCallOptions,
  defaultTimeoutInMs: number,
): Pick<RestCall, 'timeoutInMs' | 'abortSignal'> {
  if (timeoutInMs !== undefined) checkTimeoutInMs('timeoutInMs', timeoutInMs)
  return { timeoutInMs: timeoutInMs ?? defaultTimeoutInMs, abortSignal }
}

function failure(
  subject: HubCallSubject,
  call: RestCall,
  outcome: Exclude<RestOutcome, { readonly kind: 'success' }>,
): HubError {
  const { description, mayAct } = subject
  if (outcome.kind === 'refused') return toHubError(subject, outcome.answer)
  if (outcome.kind === 'unreadable') return invalidHubAnswer(subject, outcome.reason)
  if (outcome.kind === 'untrusted') {
    return new HubError(
      'HubUnavailable',
      `${description}: the certificate of the hub is not trusted: ${outcome.error.message}`,
      {
        cause: outcome.error,
      },
    )
  }
  const details = { retryable: true, outcomeUnknown: mayAct && outcome.sent }
  return outcome.kind === 'timedOut'
    ? new HubError('HubTimeout', `${description}: no answer from the hub within ${call.timeoutInMs} ms`, details)
    : new HubError('HubUnavailable', `${description}: the connection to the hub failed: ${outcome.error.message}`, {
        ...details,
        cause: outcome.error,
      })
}
