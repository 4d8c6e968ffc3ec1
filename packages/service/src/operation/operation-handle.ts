import { EventEmitter } from 'node:events'
import {
  type ActionDefinition,
  type ActionResultOutput,
  isTerminalState,
  type OperationState,
} from '@iothub-dm/protocol'
import type TypedEmitter from 'typed-emitter'
import { OperationFailedError, WaitTimeoutError } from '../errors/operation-errors.ts'
import { checkTimeoutInMs } from '../hub/check-arguments.ts'
import type { IotHub } from '../hub/iot-hub.ts'
import type { CallOptions } from '../method/call-method.ts'
import type { ActionRecord } from './action-record.ts'
import { cancelOperationOnDevice } from './cancel-operation.ts'
import { FollowedOperation, type FollowedOperationSource } from './followed-operation.ts'
import type { RecordSource } from './known-operation.ts'
import { checkDeadlines, hasDeadlines, type OperationDeadlines } from './operation-deadlines.ts'
import { serializeOperation } from './serialized-operation.ts'
import { withdrawOperation } from './withdraw-operation.ts'

/** Events of an {@link OperationHandle}. `done` and `error` also reach a listener that comes late. */
export type OperationHandleEvents<TAction extends ActionDefinition = ActionDefinition> = {
  /** The record changed; also called for the last change. */
  progress: (record: ActionRecord<TAction>) => void
  /** The operation is over, well or not. */
  done: (record: ActionRecord<TAction>) => void
  /** The operation can be followed by this handle no longer. */
  error: (error: unknown) => void
}

const eventNames = ['progress', 'done', 'error'] as const satisfies readonly (keyof OperationHandleEvents)[]

/** Options of {@link OperationHandle.records}. */
export interface RecordsOptions extends OperationDeadlines {
  /** Ends the iteration, not the operation. */
  readonly abortSignal?: AbortSignal | undefined
}

/** Options of {@link OperationHandle.result}. */
export interface ResultOptions extends OperationDeadlines {
  /** Longest wait, in milliseconds. Default: as long as it takes. */
  readonly timeoutInMs?: number | undefined
  /** Ends the wait, not the operation. */
  readonly abortSignal?: AbortSignal | undefined
}

/** What an {@link OperationHandle} is made of. */
export interface OperationHandleSource<TAction extends ActionDefinition> extends FollowedOperationSource<TAction> {
  readonly hub: IotHub
}

const Base: new <TAction extends ActionDefinition>() => TypedEmitter<OperationHandleEvents<TAction>> =
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed-emitter types the events, EventEmitter is the class
  EventEmitter as new <TAction extends ActionDefinition>() => TypedEmitter<OperationHandleEvents<TAction>>

/**
 * One operation on one device, seen from the back end. It is followed only while somebody listens, iterates or waits for the
 * result; dropping the handle leaves the operation alone. A handle that has failed stays so: `attach` makes a new one.
 *
 * @example
 * ```ts
 * const reboot = await camera.actions.reboot.begin({ delaySeconds: 5 })
 * for await (const record of reboot) console.log(record.state, record.status, record.percent)
 * await reboot.result({ timeoutInMs: 120_000 })
 * ```
 */
export class OperationHandle<TAction extends ActionDefinition = ActionDefinition>
  extends Base<TAction>
  implements AsyncIterable<ActionRecord<TAction>>
{
  readonly deviceId: string
  /** Name of the action. */
  readonly action: string
  readonly operationId: string
  readonly #source: OperationHandleSource<TAction>
  readonly #operation: FollowedOperation<TAction>
  #stopListening: (() => void) | undefined
  /** Whether the listeners have been told how it ended. */
  #isEndTold: boolean

  /** @internal Handles come from `begin` and `attach`. */
  constructor(source: OperationHandleSource<TAction>) {
    super()
    this.deviceId = source.deviceId
    this.action = source.actionName
    this.operationId = source.known.record.operationId
    this.#source = source
    this.#operation = new FollowedOperation(source, {
      onRecord: record => this.#tellRecord(record),
      onFailure: reason => this.#tellFailure(reason),
    })
    this.#isEndTold = this.#operation.isOver
    // In this order: a listener that is added is told to the listeners of newListener.
    EventEmitter.prototype.on.call(this, 'removeListener', () => {
      if (eventNames.every(name => this.listenerCount(name) === 0)) this.close()
    })
    EventEmitter.prototype.on.call(this, 'newListener', (event: unknown, listener: (value: unknown) => void) => {
      this.#welcome(event, listener)
    })
  }

  /**
   * What was last seen of the operation. Before the twin was read, that is what the answer to `begin` said, and the times are those of
   * the answer.
   */
  get record(): ActionRecord<TAction> {
    return this.#operation.record
  }

  /**
   * What the record rests on: only what was asked in the desired properties of a device that has said nothing yet (`request`), the
   * device's answer, or its report.
   */
  get recordSource(): RecordSource {
    return this.#operation.recordSource
  }

  /**
   * As the iteration of the handle itself, with deadlines.
   *
   * @throws OperationDeadlineError while it is iterated, when the operation is late in a way for which a deadline was given
   * @throws RangeError when a deadline is out of range
   * @example
   * ```ts
   * for await (const record of update.records({ neverStartedAfterInMs: 60_000, silentAfterInMs: 600_000 })) show(record)
   * ```
   */
  records(options: RecordsOptions = {}): AsyncGenerator<ActionRecord<TAction>, void, undefined> {
    checkDeadlines(options)
    return this.#operation.records(options.abortSignal, options)
  }

  /** The record as it is, then every change, the newest where several came at once, ending with the terminal record. */
  [Symbol.asyncIterator](): AsyncGenerator<ActionRecord<TAction>, void, undefined> {
    return this.#operation.records()
  }

  /**
   * Waits until the operation is over.
   *
   * @returns the result of the action
   * @throws OperationFailedError when it has not succeeded
   * @throws WaitTimeoutError, or the reason of the signal, when the wait is over; the operation goes on
   * @throws OperationDeadlineError `OperationNeverStarted`, `OperationSilent`, `OperationOverdue` when it is late in a way for which
   * a deadline was given; it goes on
   * @throws OperationSupersededError when a newer operation hides the outcome
   * @throws InvalidResponseError when the result breaks its schema
   * @throws ClientClosedError when the client is closed
   * @throws HubError when the device can be followed no longer
   * @throws RangeError when `timeoutInMs` or a deadline is out of range
   */
  async result(options: ResultOptions = {}): Promise<ActionResultOutput<TAction>> {
    const { timeoutInMs, abortSignal } = options
    if (timeoutInMs !== undefined) checkTimeoutInMs('timeoutInMs', timeoutInMs)
    checkDeadlines(options)
    abortSignal?.throwIfAborted()
    const end = new AbortController()
    const onAbort = () => end.abort(abortSignal?.reason)
    const onTimeout = (afterInMs: number) => end.abort(new WaitTimeoutError(this.operationId, afterInMs))
    abortSignal?.addEventListener('abort', onAbort, { once: true })
    const cancelTimeout =
      timeoutInMs === undefined ? undefined : this.#source.clock.setTimeout(() => onTimeout(timeoutInMs), timeoutInMs)
    try {
      let { record } = this
      const wanted = hasDeadlines(options) ? 'change' : 'end'
      for await (record of this.#operation.records(end.signal, options, wanted)); // until the last one
      return this.#outcome(record)
    } finally {
      cancelTimeout?.()
      abortSignal?.removeEventListener('abort', onAbort)
    }
  }

  /**
   * Asks the device to end the operation. Asking again does no harm. One that was asked for in the desired properties is taken out of
   * them; if the device has not taken it up, it is `cancelled` at once. (A device that took it up without getting to report it, and
   * went offline, may still carry it out.)
   *
   * @returns the state in which the operation now is: `cancelled`, or still `running` while its handler winds up
   * @throws RefusedError `NotCancellable` when it is too late, `OperationNotFound`
   * @throws HubError as every call to a device
   */
  async cancel(options?: CallOptions): Promise<OperationState> {
    const { hub } = this.#source
    if (this.recordSource !== 'request') {
      return cancelOperationOnDevice(hub, this.deviceId, this.operationId, options)
    }
    const { isWithdrawn, state } = await withdrawOperation(hub, this.deviceId, this.action, this.operationId, options)
    if (isWithdrawn) this.#operation.endWithdrawn()
    return state
  }

  /** The address of the operation as text, for `fleet.actions.<action>.attach` in another process. */
  serialize(): string {
    return serializeOperation(this)
  }

  /** Follows no longer on behalf of the listeners, until another one comes. Iterations and waits under way go on. */
  close(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  /** Removes the listeners of an event, or all. */
  override removeAllListeners(event?: keyof OperationHandleEvents<TAction>): this {
    // Without an event an EventEmitter would also remove the two listeners on which the handle itself depends.
    for (const name of event === undefined ? eventNames : [event]) super.removeAllListeners(name)
    return this
  }

  /** Follows for a new listener, and tells the end to one that comes after it. */
  #welcome(event: unknown, listener: (value: unknown) => void): void {
    this.#stopListening ??= this.#operation.follow()
    if (!this.#isEndTold) return
    const { failure, record } = this.#operation
    if (event === 'done' && failure === undefined) queueMicrotask(() => listener(record))
    if (event === 'error' && failure !== undefined) queueMicrotask(() => listener(failure.reason))
  }

  // Listeners are called in a microtask of their own: one that throws is an uncaught exception, as with every EventEmitter, and
  // does not end what others follow.

  #tellRecord(record: ActionRecord<TAction>): void {
    queueMicrotask(() => this.emit('progress', record))
    if (!isTerminalState(record.state)) return
    queueMicrotask(() => {
      this.#isEndTold = true
      this.emit('done', record)
    })
  }

  #tellFailure(reason: unknown): void {
    queueMicrotask(() => {
      this.#isEndTold = true
      // Without a listener an EventEmitter would throw it.
      if (this.listenerCount('error') > 0) this.emit('error', reason)
    })
  }

  #outcome(record: ActionRecord<TAction>): ActionResultOutput<TAction>
  #outcome(record: ActionRecord): unknown {
    if (record.state !== 'succeeded') throw new OperationFailedError(record)
    return record.result
  }
}
