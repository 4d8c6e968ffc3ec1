import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import type { JsonValue } from '../json/json.ts'
import type { DeviceConnection } from '../session/device-connection.ts'
import type { MethodRequest } from './method-request.ts'

/** What a device answered. */
export interface MethodResult {
  readonly status: number
  readonly payload: JsonValue
}

interface PendingCall {
  readonly requestId: string
  readonly key: IdentityKey
  readonly request: MethodRequest
  readonly succeed: (result: MethodResult) => void
  readonly fail: (error: HubError) => void
  readonly timers: CancelTimeout[]
  /** Where the request was sent; undefined while the call waits for the device. */
  connection: DeviceConnection | undefined
}

/**
 * The direct methods in flight: each is sent at most once, and ends with the device's answer, a time-out, or the loss of the
 * connection it was sent on (wire reference 4.2, 4.3).
 */
export class MethodCalls {
  readonly #clock: Clock
  readonly #pending = new Map<string, PendingCall>()
  #lastRequestId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A request id that was not used before: lower-case hexadecimal. */
  nextRequestId(): string {
    this.#lastRequestId += 1
    return this.#lastRequestId.toString(16)
  }

  /**
   * Starts a call, on the connection given or, without one, as soon as {@link deliver} brings one.
   *
   * @throws HubError by the promise: 404 `DeviceNotOnline`, 504 `GatewayTimeout`, 404 `DeviceConnectionClosedRemotely`.
   */
  start(
    key: IdentityKey,
    requestId: string,
    request: MethodRequest,
    connection: DeviceConnection | undefined,
  ): Promise<MethodResult> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#pending.delete(requestId)
        for (const cancel of call.timers) cancel()
      }
      const call: PendingCall = {
        requestId,
        key,
        request,
        succeed: result => {
          end()
          resolve(result)
        },
        fail: error => {
          end()
          reject(error)
        },
        timers: [],
        connection: undefined,
      }
      if (connection === undefined && request.connectTimeoutInMs === 0) return reject(deviceNotOnline())
      this.#pending.set(requestId, call)
      if (connection === undefined) this.#failUnlessSentWithin(request.connectTimeoutInMs, call)
      else this.#send(call, connection)
      this.#failUnlessAnsweredWithin(request.responseTimeoutInMs, call)
    })
  }

  /** Sends the calls that waited for this device. */
  deliver(connection: DeviceConnection): void {
    for (const call of this.#pending.values()) {
      if (call.key === connection.identity && call.connection === undefined) this.#send(call, connection)
    }
  }

  /** The device's answer; an unknown or late one is dropped. Returns whether it was awaited. */
  answer(connection: DeviceConnection, requestId: string, result: MethodResult | HubError): boolean {
    const call = this.#pending.get(requestId)
    if (call === undefined || call.connection !== connection) return false
    if (result instanceof HubError) call.fail(result)
    else call.succeed(result)
    return true
  }

  connectionLost(connection: DeviceConnection): void {
    for (const call of this.#pending.values()) {
      if (call.connection === connection) {
        call.fail(
          new HubError('DeviceConnectionClosedRemotely', 'The connection to the device was closed before it answered.'),
        )
      }
    }
  }

  /** Ends every call, because the hub goes away. */
  close(): void {
    for (const call of this.#pending.values()) {
      call.fail(new HubError('ServiceUnavailable', 'The hub is shutting down.'))
    }
  }

  #failUnlessSentWithin(connectTimeoutInMs: number, call: PendingCall): void {
    const expire = (): void => {
      if (call.connection === undefined) call.fail(deviceNotOnline())
    }
    call.timers.push(this.#clock.setTimeout(expire, connectTimeoutInMs))
  }

  #failUnlessAnsweredWithin(responseTimeoutInMs: number, call: PendingCall): void {
    call.timers.push(this.#clock.setTimeout(() => call.fail(gatewayTimeout(responseTimeoutInMs)), responseTimeoutInMs))
  }

  #send(call: PendingCall, connection: DeviceConnection): void {
    call.connection = connection
    const { methodName, payloadText } = call.request
    connection.sendMethodRequest({ requestId: call.requestId, methodName, payloadText })
  }
}

function deviceNotOnline(): HubError {
  return new HubError(
    'DeviceNotOnline',
    "The operation failed because the requested device isn't online. To learn more, see https://aka.ms/iothub404103",
  )
}

function gatewayTimeout(timeoutInMs: number): HubError {
  const timeout = new Date(timeoutInMs).toISOString().slice(11, 19)
  return new HubError('GatewayTimeout', 'Timed out waiting for the response from device.', { info: { timeout } })
}
