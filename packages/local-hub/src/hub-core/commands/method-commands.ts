import { HubError } from '../error/hub-error.ts'
import type { HubState } from '../hub-state.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'
import type { JsonValue } from '../json/json.ts'
import { parseJson } from '../json/parse-json.ts'
import { plainJson } from '../json/plain-json.ts'
import type { MethodResult } from '../method/method-calls.ts'
import { type MethodRequest, parseMethodRequest } from '../method/method-request.ts'
import type { DeviceConnection } from '../session/device-connection.ts'
import { ownerOf } from '../twin/twin-owner.ts'

/** Direct methods: the service invokes, the device answers. */
export class MethodCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  /**
   * Invokes a method on a device or a module and waits for its answer.
   *
   * @throws HubError by the promise, for every outcome of wire reference 4.2 but an answer.
   */
  async invoke(key: IdentityKey, body: JsonValue | undefined): Promise<MethodResult> {
    ownerOf(key, this.#state)
    return this.#call(key, parseMethodRequest(body))
  }

  /**
   * Takes a device's answer. One that nobody waits for is dropped.
   *
   * @param body the JSON text; empty means null.
   */
  answer(connection: DeviceConnection, requestId: string, status: number, body: string): void {
    this.#state.sessions.touch(connection.identity)
    this.#state.methodCalls.answer(connection, requestId, parseAnswer(status, body))
  }

  async #call(key: IdentityKey, request: MethodRequest): Promise<MethodResult> {
    const { methodCalls, sessions, events } = this.#state
    const requestId = methodCalls.nextRequestId()
    const details = { ...identityName(key), requestId, methodName: request.methodName }
    events.emit({ type: 'methodInvoked', ...details, payload: plainJson(request.payload) })
    try {
      const result = await methodCalls.start({ requestId, key, request }, sessions.subscriberOf(key, 'methods'))
      events.emit({ type: 'methodAnswered', ...details, status: result.status, payload: plainJson(result.payload) })
      return result
    } catch (error) {
      if (error instanceof HubError) events.emit({ type: 'methodFailed', ...details, code: error.code })
      throw error
    }
  }
}

function parseAnswer(status: number, body: string): MethodResult | HubError {
  try {
    const payload = body === '' ? null : parseJson(body)
    return { status, payload }
  } catch {
    return new HubError(
      'InvalidResponseWhileProxying',
      'The device answered with something that is not JSON, or nested too deep.',
    )
  }
}
