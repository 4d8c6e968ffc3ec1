import type { MethodDefinition, MethodRequestInput, MethodResponseOutput, Methods } from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import { mapMembers } from '../contract/map-members.ts'
import { isHubError } from '../hub/hub-error.ts'
import { boundCall, type CallOptions, callMethod } from './call-method.ts'
import { decodeMethodAnswer, encodeMethodRequest } from './method-exchange.ts'
import { type RetryOptions, tryRepeatedly } from './retry.ts'

/** How a method is tried again. */
export interface MethodRetryOptions extends RetryOptions {
  /**
   * Whether the method may run twice. If not, it is tried again only when the device has certainly not run it: it was not
   * connected, the hub throttled the call, the device was not ready.
   */
  readonly idempotent: boolean
}

/** Options of `invoke`. */
export interface InvokeOptions extends CallOptions {
  /** Tries again after failures that may pass. Default: one try. */
  readonly retry?: MethodRetryOptions | undefined
  /** Longest time for all tries and the pauses between them, in milliseconds. Default: any. */
  readonly totalTimeoutInMs?: number | undefined
}

/** A method of one device. */
export interface MethodClient<TMethod extends MethodDefinition = MethodDefinition> {
  /**
   * Calls the method once, unless `retry` lets it be tried again, and gives back what the device answered.
   *
   * @throws InvalidRequestError before anything is sent, when the request breaks its schema
   * @throws RefusedError when the device answered with an error status
   * @throws InvalidResponseError when the answer breaks its schema
   * @throws HubError `DeviceOffline`, `DeviceTimeout`, `Throttled` ...; `outcomeUnknown` tells whether the device may have acted
   * @example
   * ```ts
   * const lines = await camera.methods.getLogs.invoke({ lines: 20 })
   * ```
   */
  invoke(...args: RequestArguments<MethodRequestInput<TMethod>, InvokeOptions>): Promise<MethodResponseOutput<TMethod>>
}

/** A request that may be left out is optional. */
export type RequestArguments<TRequest, TOptions> = undefined extends TRequest
  ? [request?: TRequest, options?: TOptions]
  : Record<never, never> extends TRequest
    ? [request?: TRequest, options?: TOptions]
    : [request: TRequest, options?: TOptions]

/** What the methods of a device need. */
export type MethodContext = Pick<ActionContext, 'hub' | 'clock' | 'random'>

/** The methods of one device, by name. */
export type MethodClients<TMethods extends Methods> = {
  readonly [TName in keyof TMethods]: MethodClient<TMethods[TName]>
}

/** Makes a client for each method of a contract. */
export function createMethodClients<TMethods extends Methods>(
  methods: TMethods,
  context: MethodContext,
  deviceId: string,
): MethodClients<TMethods>
export function createMethodClients(
  methods: Methods,
  context: MethodContext,
  deviceId: string,
): MethodClients<Methods> {
  return mapMembers(methods, (definition, name) => {
    const invoke: MethodClient['invoke'] = async (request, options: InvokeOptions = {}) => {
      const { retry, totalTimeoutInMs, ...call } = options
      const { abortSignal } = call
      const payload = encodeMethodRequest(name, definition, request)
      const isSafe = (error: unknown) => retry?.idempotent === true || !isHubError(error) || !error.outcomeUnknown
      return tryRepeatedly(context, { retry, totalTimeoutInMs, abortSignal }, isSafe, async leftInMs => {
        const answer = await callMethod(context.hub, deviceId, name, payload, boundCall(call, leftInMs))
        return decodeMethodAnswer(name, definition, answer)
      })
    }
    return Object.freeze({ invoke })
  })
}
