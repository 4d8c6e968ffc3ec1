import { randomUUID } from 'node:crypto'
import {
  decodeActionRequest,
  encodeActionAnswer,
  encodeRefusal,
  type JsonValue,
  type Refusal,
  type RefusalCode,
  responseStatus,
  validate,
  type WireAnswer,
} from '@iothub-dm/protocol'
import type { BoundAction } from '../implementation/implement.ts'
import { AgentClosedError, OperationCancelledError } from './operation-errors.ts'
import type { OperationLog } from './operation-log.ts'
import type { OperationStore } from './operation-store.ts'
import { digestRequest } from './request-digest.ts'
import { runOperation } from './run-operation.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'

/** What an {@link OperationManager} works with. */
export interface OperationManagerOptions {
  readonly store: OperationStore
  readonly environment: RuntimeEnvironment
  readonly actions: ReadonlyMap<string, BoundAction>
  readonly maxAttempts: number
  readonly onError: (error: unknown) => void
}

interface RunningOperation {
  readonly abort: AbortController
  readonly over: Promise<void>
}

/** Accepts operations, runs them one at a time, and takes them up again after a restart. */
export class OperationManager {
  readonly #options: OperationManagerOptions
  readonly #running = new Map<string, RunningOperation>()
  readonly #closing = new AbortController()
  #lastAcceptance: Promise<unknown> = Promise.resolve()

  constructor(options: OperationManagerOptions) {
    this.#options = options
  }

  /** Goes on with every operation that an earlier life of the program left unfinished. */
  resume(): void {
    for (const log of this.#options.store.unfinished()) this.#start(log)
  }

  /**
   * Begins an operation, or answers again for one that is known.
   *
   * @param actionName an action of the contract
   * @param payload what came in
   * @returns 202 once the operation is on disk; it begins after the answer had its chance to leave
   */
  begin(actionName: string, action: BoundAction, payload: JsonValue): Promise<WireAnswer> {
    // One after the other: whether the device is free is known only once the one before is on disk or refused.
    const answer = this.#lastAcceptance.then(() => this.#accept(actionName, action, payload))
    this.#lastAcceptance = answer.catch(() => {})
    return answer
  }

  /**
   * Asks an operation to end: one that waits ends at once, one that runs gets its signal.
   *
   * @returns 200 with the state in which the operation is now
   */
  async cancel(operationId: string): Promise<WireAnswer> {
    if (this.#closing.signal.aborted) return refuse('NotReady', 'the agent is closing')
    if (this.#options.store.get(operationId) === undefined) {
      return refuse('OperationNotFound', 'the device knows no such operation')
    }
    // Whether it is too late is decided by its place in the journal.
    const log = await this.#options.store.record({ type: 'cancelRequested', operationId })
    const { state } = log.record
    if (!log.cancelRequested && state !== 'cancelled') {
      return refuse('NotCancellable', `the operation is ${state}`, referenceTo(log))
    }
    this.#running.get(operationId)?.abort.abort(new OperationCancelledError())
    return { status: responseStatus.ok, payload: { operationId, state } }
  }

  /** Ends this life of every operation; they go on in the next one. Resolves when their handlers have returned. */
  async close(): Promise<void> {
    this.#closing.abort(new AgentClosedError())
    await this.#lastAcceptance
    await Promise.all([...this.#running.values()].map(({ over }) => over))
  }

  async #accept(actionName: string, action: BoundAction, payload: JsonValue): Promise<WireAnswer> {
    const { store, environment } = this.#options
    if (this.#closing.signal.aborted) return refuse('NotReady', 'the agent is closing')
    const { definition } = action
    const decoded = decodeActionRequest(payload, definition.pattern?.fromBarePayload)
    if ('issues' in decoded) return refuse('InvalidPayload', 'the payload is invalid', { issues: decoded.issues })
    const { operationId = randomUUID(), expiresAt, request } = decoded
    const known = store.get(operationId)
    if (known !== undefined) {
      const same = known.action === actionName && known.requestDigest === digestRequest(request)
      if (same) return encodeActionAnswer(known.record)
      return refuse('OperationConflict', 'the operation id belongs to another request', referenceTo(known))
    }
    if (expiresAt !== undefined && Date.parse(expiresAt) <= environment.now()) {
      return refuse('Expired', `the request expired at ${expiresAt}`)
    }
    const checked = validate(definition.request, request, `request of action '${actionName}'`)
    if (!checked.valid) return refuse('InvalidPayload', 'the payload is invalid', { issues: checked.issues })
    const [busy] = store.unfinished()
    if (busy !== undefined) return refuse('Busy', 'another operation is under way', referenceTo(busy))
    const time = environment.timestamp()
    const expiry = expiresAt === undefined ? {} : { expiresAt }
    const log = await store.record({ type: 'accepted', operationId, action: actionName, request, time, ...expiry })
    // Not in this turn of the event loop: the answer leaves first.
    setImmediate(() => this.#start(log))
    return encodeActionAnswer(log.record)
  }

  #start(log: OperationLog): void {
    const closing = this.#closing.signal
    if (closing.aborted) return
    const { actions, store, onError } = this.#options
    const { operationId } = log
    const abort = new AbortController()
    const onClose = () => abort.abort(closing.reason)
    closing.addEventListener('abort', onClose)
    if (store.get(operationId)?.cancelRequested) abort.abort(new OperationCancelledError())
    const over = runOperation(log, actions.get(log.action), { ...this.#options, signal: abort.signal, closing })
      .catch(onError)
      .finally(() => {
        closing.removeEventListener('abort', onClose)
        this.#running.delete(operationId)
      })
    this.#running.set(operationId, { abort, over })
  }
}

function refuse(code: RefusalCode, message: string, more: Omit<Refusal, 'code' | 'message'> = {}): WireAnswer {
  return encodeRefusal({ code, message, ...more })
}

function referenceTo(log: OperationLog): Pick<Refusal, 'operation'> {
  const { action, operationId, record } = log
  return { operation: { action, operationId, state: record.state } }
}
