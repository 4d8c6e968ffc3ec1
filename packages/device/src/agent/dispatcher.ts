import {
  cancelOperation,
  cancelOperationName,
  describeIssues,
  encodeRefusal,
  type Issue,
  isIotHubDmError,
  type JsonValue,
  type RefusalCode,
  responseStatus,
  toJson,
  validate,
  validateWire,
  type WireAnswer,
} from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import type { MethodCall } from '../connection/hub-connection.ts'
import type { MethodContext } from '../implementation/handlers.ts'
import type { BoundAction, BoundMethod, Implementation } from '../implementation/implement.ts'
import { AgentClosedError } from '../operation/operation-errors.ts'
import type { OperationManager } from '../operation/operation-manager.ts'
import { parsePayload } from './parse-payload.ts'
import { checkMethodAnswer, type UnknownMethodCall, type UnknownMethodHandler } from './unknown-method.ts'

/** What a {@link Dispatcher} works with. */
export interface DispatcherOptions {
  readonly implementation: Implementation
  readonly operations: Pick<OperationManager, 'begin' | 'cancel'>
  /** Longest time a method handler has for its answer, in milliseconds. */
  readonly methodTimeoutInMs: number
  /** How many calls may wait for their answer at a time. @default no bound */
  readonly maxConcurrentMethods?: number | undefined
  readonly clock: Clock
  /** Answers methods that are not in the contract. @default they are refused with 404 */
  readonly onUnknownMethod?: UnknownMethodHandler | undefined
  /** Told what went wrong in a handler; the caller gets only a code. */
  readonly onError: (error: unknown) => void
}

/** Leads every direct method to its handler, and gives every one its answer. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  /** Actions by every name that they are called by. */
  readonly #actions: ReadonlyMap<string, { readonly name: string; readonly action: BoundAction }>
  /** The calls whose handlers are at work. */
  readonly #calls = new Set<AbortController>()
  /** How many calls have no answer yet. */
  #unanswered = 0
  #closed = false

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
    if (this.#closed) return refuse('NotReady', 'the agent is closing')
    const { maxConcurrentMethods = Number.POSITIVE_INFINITY } = this.#options
    if (this.#unanswered >= maxConcurrentMethods) {
      return refuse('TooManyRequests', `${maxConcurrentMethods} methods are waiting for their answers already`)
    }
    this.#unanswered += 1
    try {
      return await this.#answer(call)
    } finally {
      this.#unanswered -= 1
    }
  }

  /** Handles nothing any more; the callers of handlers at work are told so. */
  close(): void {
    this.#closed = true
    for (const call of this.#calls) call.abort(new AgentClosedError())
  }

  async #answer(call: MethodCall): Promise<WireAnswer> {
    const payload = parsePayload(call.payload)
    if (!payload.valid) return refuse('InvalidPayload', payload.reason)
    try {
      return await this.#route({ ...call, payload: payload.value })
    } catch (error) {
      this.#options.onError(error)
      return isIotHubDmError(error, 'PersistenceFailed')
        ? refuse('PersistenceFailed', 'the device cannot write to its disk')
        : refuse('HandlerFailed', 'the device failed to handle the method')
    }
  }

  async #route(call: UnknownMethodCall): Promise<WireAnswer> {
    const { methodName, payload } = call
    const { implementation, operations, onUnknownMethod } = this.#options
    if (methodName === cancelOperationName) {
      const request = validate(cancelOperation.request, payload, `request of method '${methodName}'`)
      return request.valid ? operations.cancel(request.value.operationId) : invalid(request.issues)
    }
    const known = this.#actions.get(methodName)
    if (known !== undefined) return operations.begin(known.name, known.action, payload)
    const method = implementation.methods.get(methodName)
    if (method !== undefined) return this.#callMethod(methodName, method, payload)
    if (onUnknownMethod !== undefined) {
      return this.#inTime(async context => checkMethodAnswer(await onUnknownMethod(call, context)))
    }
    return refuse('MethodNotFound', `the device has no method ${JSON.stringify(methodName.slice(0, 100))}`)
  }

  async #callMethod(methodName: string, method: BoundMethod, payload: JsonValue): Promise<WireAnswer> {
    const { request, response } = method.definition
    const checked = validateWire(request, payload, `request of method '${methodName}'`)
    if (!checked.valid) return invalid(checked.issues)
    return this.#inTime(async context => {
      const value = await method.handle(checked.value, context)
      const item = `response of method '${methodName}'`
      const answer = validate(response, value, item)
      if (!answer.valid) throw new TypeError(`${item}: ${describeIssues(answer.issues)}`)
      return { status: responseStatus.ok, payload: value === undefined ? null : toJson(value, item) }
    })
  }

  /** Gives the work its time, and answers for it when that is over. */
  async #inTime(work: (context: MethodContext) => Promise<WireAnswer>): Promise<WireAnswer> {
    const { methodTimeoutInMs, clock } = this.#options
    const call = new AbortController()
    this.#calls.add(call)
    const cancelDeadline = clock.setTimeout(
      () => call.abort(new DOMException('the time for an answer is over', 'TimeoutError')),
      methodTimeoutInMs,
    )
    try {
      return await Promise.race([work({ signal: call.signal }), rejection(call.signal)])
    } catch (error) {
      if (!call.signal.aborted) throw error
      return this.#closed
        ? refuse('NotReady', 'the agent is closing')
        : refuse('HandlerTimeout', 'the handler did not answer in time')
    } finally {
      cancelDeadline()
      this.#calls.delete(call)
    }
  }
}

/** Rejects with the signal's reason. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function refuse(code: RefusalCode, message: string): WireAnswer {
  return encodeRefusal({ code, message })
}

function invalid(issues: readonly Issue[]): WireAnswer {
  return encodeRefusal({ code: 'InvalidPayload', message: 'the payload is invalid', issues })
}
