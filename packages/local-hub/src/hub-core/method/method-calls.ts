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

/** A call that is about to start. */
export interface NewMethodCall {
  readonly requestId: string
  readonly key: IdentityKey
  readonly request: MethodRequest
}

interface PendingCall extends NewMethodCall {
  readonly resolve: (result: MethodResult) => void
  readonly reject: (error: HubError) => void
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
  start(newCall: NewMethodCall, connection: DeviceConnection | undefined): Promise<MethodResult> {
    const { connectTimeoutInMs, responseTimeoutInMs } = newCall.request
    return new Promise((resolve, reject) => {
      if (connection === undefined && connectTimeoutInMs === 0) return reject(deviceNotOnline())
      const call: PendingCall = { ...newCall, resolve, reject, timers: [], connection: undefined }
      this.#pending.set(call.requestId, call)
      if (connection === undefined) this.#failUnlessSentWithin(connectTimeoutInMs, call)
      else this.#send(call, connection)
      this.#failUnlessAnsweredWithin(responseTimeoutInMs, call)
    })
  }

  /** Sends the calls that waited for this device. */
  deliver(connection: DeviceConnection): void {
    for (const call of this.#pending.values()) {
      if (call.key === connection.identity && call.connection === undefined) this.#send(call, connection)
    }
  }

  /** Takes the outcome of a call on this connection; an unknown or late one is dropped. */
  answer(connection: DeviceConnection, requestId: string, outcome: MethodResult | HubError): void {
    const call = this.#pending.get(requestId)
    if (call !== undefined && call.connection === connection) this.#settle(call, outcome)
  }

  connectionLost(connection: DeviceConnection): void {
    for (const call of this.#pending.values()) {
      if (call.connection === connection) this.#settle(call, connectionClosed())
    }
  }

  /** Ends every call, because the hub goes away. */
  close(): void {
    for (const call of this.#pending.values()) {
      this.#settle(call, new HubError('ServiceUnavailable', 'The hub is shutting down.'))
    }
  }

  #failUnlessSentWithin(connectTimeoutInMs: number, call: PendingCall): void {
    const expire = (): void => {
      if (call.connection === undefined) this.#settle(call, deviceNotOnline())
    }
    call.timers.push(this.#clock.setTimeout(expire, connectTimeoutInMs))
  }

  #failUnlessAnsweredWithin(responseTimeoutInMs: number, call: PendingCall): void {
    const expire = (): void => this.#settle(call, gatewayTimeout(responseTimeoutInMs))
    call.timers.push(this.#clock.setTimeout(expire, responseTimeoutInMs))
  }

  #settle(call: PendingCall, outcome: MethodResult | HubError): void {
    this.#pending.delete(call.requestId)
    for (const cancel of call.timers) cancel()
    if (outcome instanceof HubError) call.reject(outcome)
    else call.resolve(outcome)
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

function connectionClosed(): HubError {
  return new HubError('DeviceConnectionClosedRemotely', 'The connection to the device was closed before it answered.')
}

function gatewayTimeout(timeoutInMs: number): HubError {
  const timeout = new Date(timeoutInMs).toISOString().slice(11, 19)
  return new HubError('GatewayTimeout', 'Timed out waiting for the response from device.', { info: { timeout } })
}
