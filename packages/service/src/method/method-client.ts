import {
  decodeRefusal,
  type JsonValue,
  type MethodDefinition,
  type MethodRequestInput,
  type MethodResponseOutput,
  type Methods,
  toJson,
  validate,
  validateWire,
} from '@iothub-dm/protocol'
import { mapMembers } from '../contract/map-members.ts'
import { toRefusedError } from '../errors/refused-error.ts'
import { InvalidRequestError, InvalidResponseError } from '../errors/request-errors.ts'
import type { IotHub } from '../hub/iot-hub.ts'
import { type CallOptions, callMethod } from './call-method.ts'

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
    const invoke: MethodClient['invoke'] = (request, options) =>
      invokeMethod(name, definition, hub, deviceId, request, options)
    return Object.freeze({ invoke })
  })
}

async function invokeMethod(
  name: string,
  definition: MethodDefinition,
  hub: IotHub,
  deviceId: string,
  request: unknown,
  options?: CallOptions,
): Promise<unknown> {
  const item = `method '${name}'`
  const value = isEmptyRequest(definition, request) ? {} : request
  const checked = validate(definition.request, value, `request of ${item}`)
  if (!checked.valid) throw new InvalidRequestError(item, checked.issues)
  // The request itself travels, not what the schema made of it: the device holds it against the same schema.
  const payload = value === undefined ? null : toJson(value, `request of ${item}`)
  const answer = await callMethod(hub, deviceId, name, payload, options)
  if (answer.status < 200 || answer.status > 299) {
    throw toRefusedError(item, answer.status, decodeRefusal(answer.payload))
  }
  return readResponse(item, definition, answer.payload)
}

/** A request that was left out travels as an empty object where the schema takes one: all its members are optional. */
function isEmptyRequest({ request: schema }: MethodDefinition, request: unknown): boolean {
  return request === undefined && schema !== undefined && validate(schema, {}, 'empty request').valid
}

function readResponse(item: string, { response: schema }: MethodDefinition, payload: JsonValue): unknown {
  const response = validateWire(schema, payload, `response of ${item}`)
  if (!response.valid) throw new InvalidResponseError(`the response of ${item}`, response.issues)
  return response.value
}
