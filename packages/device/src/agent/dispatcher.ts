import {
  cancelOperation,
  cancelOperationName,
  encodeRefusal,
  isIotHubDmError,
  type JsonValue,
  type RefusalCode,
  responseStatus,
  toJson,
  validate,
  type WireAnswer,
} from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import type { MethodCall } from '../connection/hub-connection.ts'
import type { BoundAction, BoundMethod, Implementation } from '../implementation/implement.ts'
import type { OperationManager } from '../operation/operation-manager.ts'
import { sleep } from './sleep.ts'

/** What a {@link Dispatcher} works with. */
export interface DispatcherOptions {
  readonly implementation: Implementation
  readonly operations: OperationManager
  /** Longest time a method handler has for its answer, in milliseconds. */
  readonly methodTimeoutInMs: number
  readonly clock: Clock
  /** Told what went wrong in a handler; the caller gets only a code. */
  readonly onError: (error: unknown) => void
}

/** Leads every direct method to its handler, and gives every one its answer. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  /** Actions by every name that they are called by. */
  readonly #actions: ReadonlyMap<string, { readonly name: string; readonly action: BoundAction }>

  constructor(options: DispatcherOptions) {
    this.#options = options
    const { actions, methods } = options.implementation
    const named = [...actions].map(([name, action]) => [name, { name, action }] as const)
    const aliased = [...actions].flatMap(([name, action]) =>
      (action.definition.pattern?.aliases ?? [])
        .filter(alias => !actions.has(alias) && !methods.has(alias))
        .map(alias => [alias, { name, action }] as const),
    )
    this.#actions = new Map([...aliased, ...named])
  }

  /** Answers a direct method. Never rejects, always answers. */
  async dispatch(call: MethodCall): Promise<WireAnswer> {
    const payload = parsePayload(call.payload)
    if (payload === undefined) return refuse('InvalidPayload', 'the payload is not JSON')
    try {
      return await this.#route(call.methodName, payload)
    } catch (error) {
      this.#options.onError(error)
      return isIotHubDmError(error, 'PersistenceFailed')
        ? refuse('PersistenceFailed', 'the device cannot write to its disk')
        : refuse('HandlerFailed', 'the device failed to handle the method')
    }
  }

  async #route(methodName: string, payload: JsonValue): Promise<WireAnswer> {
    const { implementation, operations } = this.#options
    if (methodName === cancelOperationName) {
      const request = validate(cancelOperation.request, payload, `request of method '${methodName}'`)
      return request.valid ? operations.cancel(request.value.operationId) : invalid(request.issues)
    }
    const known = this.#actions.get(methodName)
    if (known !== undefined) return operations.begin(known.name, known.action, payload)
    const method = implementation.methods.get(methodName)
    if (method !== undefined) return this.#callMethod(methodName, method, payload)
    return refuse('MethodNotFound', `the device has no method ${JSON.stringify(methodName.slice(0, 100))}`)
  }

  async #callMethod(methodName: string, method: BoundMethod, payload: JsonValue): Promise<WireAnswer> {
    const { request, response } = method.definition
    const checked = validate(request, payload, `request of method '${methodName}'`)
    if (!checked.valid) return invalid(checked.issues)
    const value = await this.#withDeadline(signal => method.handle(checked.value, { signal }))
    if (value === timedOut) return refuse('HandlerTimeout', 'the handler did not answer in time')
    const answer = validate(response, value, `response of method '${methodName}'`)
    if (!answer.valid) throw new TypeError(`the handler of method '${methodName}' broke the schema of its response`)
    const json = value === undefined ? null : toJson(value, `response of method '${methodName}'`)
    return { status: responseStatus.ok, payload: json }
  }

  async #withDeadline(handle: (signal: AbortSignal) => unknown): Promise<unknown> {
    const { methodTimeoutInMs, clock } = this.#options
    const answered = new AbortController()
    const expired = new AbortController()
    const deadline = sleep(clock, methodTimeoutInMs, answered.signal).then(() => {
      expired.abort(new DOMException('the time for an answer is over', 'TimeoutError'))
      return timedOut
    })
    try {
      return await Promise.race([handle(expired.signal), deadline])
    } finally {
      deadline.catch(() => {}) // it is rejected now, unless it won
      answered.abort()
    }
  }
}

const timedOut = Symbol('timed out')

/** An empty body stands for null, as some callers send none. undefined: it is not JSON. */
function parsePayload(payload: Uint8Array): JsonValue | undefined {
  if (payload.length === 0) return null
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return undefined
  }
}

function refuse(code: RefusalCode, message: string): WireAnswer {
  return encodeRefusal({ code, message })
}

function invalid(issues: Parameters<typeof encodeRefusal>[0]['issues'] & {}): WireAnswer {
  return encodeRefusal({ code: 'InvalidPayload', message: 'the payload is invalid', issues })
}
