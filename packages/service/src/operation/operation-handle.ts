import { EventEmitter } from 'node:events'
import {
  type ActionDefinition,
  type ActionResultOutput,
  decodeOperationRecord,
  isTerminalState,
  type JsonObject,
  type OperationState,
  operationSection,
  sameJson,
  toJson,
} from '@iothub-dm/protocol'
import type TypedEmitter from 'typed-emitter'
import type { Clock } from '../clock/clock.ts'
import { OperationFailedError, OperationSupersededError, WaitTimeoutError } from '../errors/operation-errors.ts'
import type { IotHub } from '../hub/iot-hub.ts'
import type { CallOptions } from '../method/call-method.ts'
import type { OperationTracker } from '../tracking/operation-tracker.ts'
import { type ActionRecord, readActionRecord } from './action-record.ts'
import { cancelOperationOnDevice } from './cancel-operation.ts'
import { ChangeSignal } from './change-signal.ts'
import { serializeOperation } from './serialized-operation.ts'

/** Events of an {@link OperationHandle}. */
export type OperationHandleEvents<TAction extends ActionDefinition = ActionDefinition> = {
  /** The record changed; also called for the last change. */
  progress: (record: ActionRecord<TAction>) => void
  /** The operation is over, well or not. */
  done: (record: ActionRecord<TAction>) => void
  /** The operation can be followed no longer. */
  error: (error: unknown) => void
}

/** Options of {@link OperationHandle.result}. */
export interface ResultOptions {
  /** Longest wait, in milliseconds. Default: as long as it takes. */
  readonly timeoutInMs?: number | undefined
  /** Ends the wait, not the operation. */
  readonly abortSignal?: AbortSignal | undefined
}

/** What an {@link OperationHandle} is made of. */
export interface OperationHandleSource<TAction extends ActionDefinition> {
  readonly deviceId: string
  readonly actionName: string
  readonly definition: TAction
  /** What is known of the operation so far. */
  readonly record: ActionRecord<TAction>
  readonly hub: IotHub
  readonly tracker: OperationTracker
  readonly clock: Clock
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed-emitter types the events, EventEmitter is the class
const Base: new <TAction extends ActionDefinition>() => TypedEmitter<OperationHandleEvents<TAction>> =
  EventEmitter as new <TAction extends ActionDefinition>() => TypedEmitter<OperationHandleEvents<TAction>>

/**
 * One operation on one device, seen from the back end. It is followed only while somebody listens, iterates or waits for the
 * result; dropping the handle leaves the operation alone.
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
  readonly #changed = new ChangeSignal()
  #record: ActionRecord<TAction>
  #failure: { readonly reason: unknown } | undefined
  #followers = 0
  #stopWatching: (() => void) | undefined
  #stopListening: (() => void) | undefined
  /** Whether the twin has shown this operation. */
  #seen = false
  /** The operation that the twin showed first instead of this one: an earlier one, still to be overwritten. */
  #earlier: string | undefined

  /** @internal Handles come from `begin` and `attach`. */
  constructor(source: OperationHandleSource<TAction>) {
    super()
    this.deviceId = source.deviceId
    this.action = source.actionName
    this.operationId = source.record.operationId
    this.#source = source
    this.#record = source.record
    EventEmitter.prototype.on.call(this, 'newListener', () => {
      this.#stopListening ??= this.#follow()
    })
  }

  /** What was last seen of the operation. */
  get record(): ActionRecord<TAction> {
    return this.#record
  }

  /** Every change from now on, the newest where several came at once, ending with the terminal record. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ActionRecord<TAction>, void, undefined> {
    yield* this.#records()
  }

  /**
   * Waits until the operation is over.
   *
   * @returns the result of the action
   * @throws OperationFailedError when it has not succeeded
   * @throws WaitTimeoutError, or the reason of the signal, when the wait is over; the operation goes on
   * @throws OperationSupersededError when a newer operation hides the outcome
   * @throws HubError when the device can be followed no longer
   */
  async result(options: ResultOptions = {}): Promise<ActionResultOutput<TAction>> {
    const { timeoutInMs, abortSignal } = options
    const timeout = new AbortController()
    const cancelTimeout =
      timeoutInMs === undefined
        ? undefined
        : this.#source.clock.setTimeout(
            () => timeout.abort(new WaitTimeoutError(this.operationId, timeoutInMs)),
            timeoutInMs,
          )
    const signals = abortSignal === undefined ? [timeout.signal] : [timeout.signal, abortSignal]
    let record = this.#record
    try {
      for await (record of this.#records(AbortSignal.any(signals))); // until the last one
    } finally {
      cancelTimeout?.()
    }
    return this.#outcome(record)
  }

  /**
   * Asks the device to end the operation.
   *
   * @returns the state in which the operation now is: `cancelled`, or still `running` while its handler winds up
   * @throws RefusedError `NotCancellable` when it is too late, `OperationNotFound`
   * @throws HubError as every call to a device
   */
  cancel(options?: CallOptions): Promise<OperationState> {
    return cancelOperationOnDevice(this.#source.hub, this.deviceId, this.operationId, options)
  }

  /** The address of the operation as text, for `fleet.actions.<action>.attach` in another process. */
  serialize(): string {
    return serializeOperation(this)
  }

  /** Stops what listeners began. Iterations and waits under way go on. */
  close(): void {
    this.#stopListening?.()
  }

  async *#records(signal?: AbortSignal): AsyncGenerator<ActionRecord<TAction>, void, undefined> {
    const stop = this.#follow()
    try {
      let last: ActionRecord<TAction> | undefined
      while (last === undefined || !isTerminalState(last.state)) {
        signal?.throwIfAborted()
        if (this.#record !== last) {
          last = this.#record
          yield last
        } else if (this.#failure !== undefined) {
          throw this.#failure.reason
        } else {
          await this.#changed.wait(signal)
        }
      }
    } finally {
      stop()
    }
  }

  #outcome(record: ActionRecord<TAction>): ActionResultOutput<TAction>
  #outcome(record: ActionRecord): unknown {
    if (record.state !== 'succeeded') throw new OperationFailedError(record)
    return record.result
  }

  #follow(): () => void {
    if (isTerminalState(this.#record.state)) return () => {}
    this.#followers += 1
    this.#stopWatching ??= this.#source.tracker.watch(this.deviceId, {
      onReported: reported => this.#take(reported),
      onError: error => this.#fail(error),
    })
    let following = true
    return () => {
      if (following) this.#followers -= 1
      following = false
      if (this.#followers === 0) this.#unwatch()
    }
  }

  #unwatch(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }

  #take(reported: JsonObject): void {
    const found = decodeOperationRecord(operationSection(reported, this.action))
    if (found === undefined) return
    if (found.operationId !== this.operationId) {
      this.#earlier ??= found.operationId
      const isNewer = this.#seen || found.operationId !== this.#earlier
      if (isNewer) this.#fail(new OperationSupersededError(this.operationId, found.operationId))
      return
    }
    try {
      this.#update(readActionRecord(this.action, this.#source.definition, found))
    } catch (error) {
      this.#fail(error)
    }
  }

  #update(record: ActionRecord<TAction>): void {
    const isNew = !this.#seen || !sameJson(toJson(record, 'record'), toJson(this.#record, 'record'))
    this.#seen = true
    if (!isNew) return
    this.#record = record
    this.#changed.notify()
    this.emit('progress', record)
    if (!isTerminalState(record.state)) return
    this.#unwatch()
    this.emit('done', record)
  }

  #fail(reason: unknown): void {
    this.#failure = { reason }
    this.#unwatch()
    this.#changed.notify()
    // Without a listener an EventEmitter would throw it.
    if (this.listenerCount('error') > 0) this.emit('error', reason)
  }
}
