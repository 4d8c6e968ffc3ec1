import type { MethodDefinition, MethodRequestInput, MethodResponseOutput, Methods } from '@iothub-dm/protocol'
import { mapMembers } from '../contract/map-members.ts'
import type { IotHub } from '../hub/iot-hub.ts'
import { type CallOptions, callMethod } from './call-method.ts'
import { decodeMethodAnswer, encodeMethodRequest } from './method-exchange.ts'

/** A method of one device. */
export interface MethodClient<TMethod extends MethodDefinition = MethodDefinition> {
  /**
   * Calls the method once, and gives back what the device answered.
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
  invoke(...args: RequestArguments<MethodRequestInput<TMethod>, CallOptions>): Promise<MethodResponseOutput<TMethod>>
}

/** A request that may be left out is optional. */
export type RequestArguments<TRequest, TOptions> = undefined extends TRequest
  ? [request?: TRequest, options?: TOptions]
  : Record<never, never> extends TRequest
    ? [request?: TRequest, options?: TOptions]
    : [request: TRequest, options?: TOptions]

/** The methods of one device, by name. */
export type MethodClients<TMethods extends Methods> = {
  readonly [TName in keyof TMethods]: MethodClient<TMethods[TName]>
}

/** Makes a client for each method of a contract. */
export function createMethodClients<TMethods extends Methods>(
  methods: TMethods,
  hub: IotHub,
  deviceId: string,
): MethodClients<TMethods>
export function createMethodClients(methods: Methods, hub: IotHub, deviceId: string): MethodClients<Methods> {
  return mapMembers(methods, (definition, name) => {
    const invoke: MethodClient['invoke'] = async (request, options) => {
      const payload = encodeMethodRequest(name, definition, request)
      return decodeMethodAnswer(name, definition, await callMethod(hub, deviceId, name, payload, options))
    }
    return Object.freeze({ invoke })
  })
}
