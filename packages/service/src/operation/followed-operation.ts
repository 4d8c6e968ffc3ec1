import {
  type ActionDefinition,
  decodeOperationRecord,
  isTerminalState,
  type JsonObject,
  type OperationRecord,
  operationSection,
  sameJson,
  toJson,
} from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import { OperationSupersededError } from '../errors/operation-errors.ts'
import type { OperationTracker } from '../tracking/operation-tracker.ts'
import { type ActionRecord, readActionRecord } from './action-record.ts'
import { ChangeSignal } from './change-signal.ts'
import { isReportedAfter } from './is-reported-after.ts'
import type { KnownOperation, RecordSource } from './known-operation.ts'
import { deadlineError, hasStarted, nextDeadline, type OperationDeadlines } from './operation-deadlines.ts'

/** What a {@link FollowedOperation} is made of. */
export interface FollowedOperationSource<TAction extends ActionDefinition> {
  readonly deviceId: string
  readonly actionName: string
  readonly definition: TAction
  readonly known: KnownOperation
  readonly tracker: OperationTracker
  readonly clock: Clock
}

/** Told by a {@link FollowedOperation}; it must not throw. */
export interface FollowedOperationListener<TAction extends ActionDefinition> {
  onRecord(record: ActionRecord<TAction>): void
  /** The operation can be followed no longer. */
  onFailure(reason: unknown): void
}

/** What matters to somebody who follows an operation: every change, or only how it ends. */
export type Wanted = 'change' | 'end'

interface Watched {
  readonly wanted: Wanted
  readonly stop: () => void
}

/** One operation on one device, followed through the twin while somebody wants to know. */
export class FollowedOperation<TAction extends ActionDefinition> {
  readonly #source: FollowedOperationSource<TAction>
  readonly #listener: FollowedOperationListener<TAction>
  readonly #madeAtInMs: number
  readonly #changed = new ChangeSignal()
  /** As the device wrote it. */
  #found: OperationRecord
  /** With the result as its schema makes it. */
  #record: ActionRecord<TAction>
  #failure: { readonly reason: unknown } | undefined
  /** Those who follow: how many want every change, and how many only the end. */
  readonly #followers = { change: 0, end: 0 }
  #watched: Watched | undefined
  /** What the record rests on. */
  #recordSource: RecordSource
  /** When it was first seen to have begun. */
  #startedAtInMs: number | undefined
  /** When it was last seen to change. */
  #changedAtInMs: number
  /** The operation that the twin showed first instead of this one: an earlier one, still to be overwritten. */
  #earlier: string | undefined

  /** @throws InvalidResponseError when the result that is known breaks its schema */
  constructor(source: FollowedOperationSource<TAction>, listener: FollowedOperationListener<TAction>) {
    const { actionName, definition, known, clock } = source
    this.#source = source
    this.#listener = listener
    this.#madeAtInMs = clock.now()
    this.#found = known.record
    this.#record = readActionRecord(actionName, definition, known.record)
    this.#recordSource = known.source
    this.#changedAtInMs = this.#madeAtInMs
    if (hasStarted(known.record)) this.#startedAtInMs = this.#madeAtInMs
  }

  get recordSource(): RecordSource {
    return this.#recordSource
  }

  /** What was last seen of the operation. */
  get record(): ActionRecord<TAction> {
    return this.#record
  }

  /** Why the operation can be followed no longer. */
  get failure(): { readonly reason: unknown } | undefined {
    return this.#failure
  }

  /** Whether there is nothing more to come. */
  get isOver(): boolean {
    return this.#failure !== undefined || isTerminalState(this.#record.state)
  }

  /**
   * Follows the operation on behalf of somebody.
   *
   * @param what matters to them
   * @returns ends it; the last one to leave ends the reading
   */
  follow(what: Wanted = 'change'): () => void {
    if (this.isOver) return () => {}
    this.#followers[what] += 1
    this.#adapt()
    let isFollowing = true
    return () => {
      if (!isFollowing) return
      isFollowing = false
      this.#followers[what] -= 1
      this.#adapt()
    }
  }

  /**
   * The record as it is, then every change, the newest where several came at once, ending with the terminal record.
   *
   * @throws the reason of the failure, or of the signal, or the error of a deadline
   */
  async *records(
    signal?: AbortSignal,
    deadlines: OperationDeadlines = {},
    what: Wanted = 'change',
  ): AsyncGenerator<ActionRecord<TAction>, void, undefined> {
    const stop = this.follow(what)
    const beganAtInMs = this.#source.clock.now()
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
          await this.#wait(signal, deadlines, beganAtInMs)
        }
      }
    } finally {
      stop()
    }
  }

  /** The operation was taken back before the device had it: it is over. */
  endWithdrawn(): void {
    if (this.isOver) return
    const time = new Date(this.#source.clock.now()).toISOString()
    this.#show({
      ...this.#found,
      state: 'cancelled',
      status: 'cancelled',
      detail: 'taken back before the device began',
      updatedTime: time,
      finishedTime: time,
    })
  }

  /** Waits for a change, but not beyond the next deadline. */
  async #wait(signal: AbortSignal | undefined, deadlines: OperationDeadlines, beganAtInMs: number): Promise<void> {
    const { clock } = this.#source
    const due = nextDeadline(deadlines, {
      madeAtInMs: this.#madeAtInMs,
      startedAtInMs: this.#startedAtInMs,
      changedAtInMs: Math.max(this.#changedAtInMs, beganAtInMs),
    })
    if (due === undefined) return this.#changed.wait(signal)
    const leftInMs = due.atInMs - clock.now()
    if (leftInMs <= 0) throw deadlineError(due, this.#record)
    const cancelTimer = clock.setTimeout(() => this.#changed.notify(), leftInMs)
    try {
      await this.#changed.wait(signal)
    } finally {
      cancelTimer()
    }
  }

  /** Watches the twin as closely as the followers want it. */
  #adapt(): void {
    const { change, end } = this.#followers
    const wanted = this.isOver || change + end === 0 ? undefined : change > 0 ? 'change' : 'end'
    // Whoever watches for changes sees the end as well: not worth the change of mind.
    if (this.#watched?.wanted === wanted || (this.#watched?.wanted === 'change' && wanted === 'end')) return
    this.#unwatch()
    if (wanted !== undefined) this.#watched = { wanted, stop: this.#watch(wanted) }
  }

  #watch(wanted: Wanted): () => void {
    const { tracker, deviceId, actionName } = this.#source
    const listener = {
      onReported: (reported: JsonObject) => this.#take(reported),
      onError: (error: unknown) => this.#fail(error),
    }
    const { operationId } = this.#found
    return tracker.watch(deviceId, listener, wanted === 'end' ? { actionName, operationId } : undefined)
  }

  #unwatch(): void {
    this.#watched?.stop()
    this.#watched = undefined
  }

  #take(reported: JsonObject): void {
    const found = decodeOperationRecord(operationSection(reported, this.#source.actionName))
    if (found === undefined) return
    const { operationId } = this.#found
    if (found.operationId === operationId) this.#update(found)
    else if (found.queued?.includes(operationId)) this.#earlier = undefined
    else if (this.#isFollowedBy(found.operationId, reported)) {
      this.#fail(new OperationSupersededError(operationId, found.operationId))
    }
  }

  /** Tells whether another operation that the twin shows is a newer one, and not an earlier one that is still to be overwritten. */
  #isFollowedBy(other: string, reported: JsonObject): boolean {
    // What was asked for in the twin waits its turn, whatever the device does before.
    if (this.#recordSource === 'request') return false
    this.#earlier ??= other
    if (this.#recordSource === 'report' || other !== this.#earlier) return true
    return isReportedAfter(reported, this.#source.actionName, this.#madeAtInMs)
  }

  #update(found: OperationRecord): void {
    // What the answer said is less than what the device reports.
    const isNew = this.#recordSource !== 'report' || !sameJson(toJson(found, 'record'), toJson(this.#found, 'record'))
    this.#recordSource = 'report'
    if (isNew) this.#show(found)
  }

  #show(found: OperationRecord): void {
    const { actionName, definition, clock } = this.#source
    try {
      this.#record = readActionRecord(actionName, definition, found)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#found = found
    this.#changedAtInMs = clock.now()
    if (hasStarted(found)) this.#startedAtInMs ??= this.#changedAtInMs
    if (this.isOver) this.#unwatch()
    this.#changed.notify()
    this.#listener.onRecord(this.#record)
  }

  #fail(reason: unknown): void {
    this.#failure = { reason }
    this.#unwatch()
    this.#changed.notify()
    this.#listener.onFailure(reason)
  }
}
