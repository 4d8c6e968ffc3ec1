import {
  encodeActionAnswer,
  encodeArming,
  encodeRefusal,
  type JsonObject,
  type JsonValue,
  type Refusal,
  type RefusalCode,
  responseStatus,
  sameJson,
  type WireAnswer,
} from '@iothub-dm/protocol'
import { ArmingDesk } from '../factory-reset/arming-desk.ts'
import type { BoundAction } from '../implementation/implement.ts'
import { type AcceptanceRules, decideRequest, type IncomingRequest, referenceTo } from './decide-request.ts'
import type { FinishedEntry } from './journal-entry.ts'
import type { LiveRequest } from './live-request.ts'
import { checkRequest, openRequest, redacting } from './open-request.ts'
import { AgentClosedError, OperationCancelledError } from './operation-errors.ts'
import type { OperationLog } from './operation-log.ts'
import { redactError } from './redact-error.ts'
import { type RunOptions, runOperation } from './run-operation.ts'
import type { SecretStore } from './secret-store.ts'
import { TurnQueue } from './turn-queue.ts'

/** What an {@link OperationManager} works with. */
export interface OperationManagerOptions extends AcceptanceRules, Omit<RunOptions, 'signal' | 'closing' | 'turn'> {
  readonly actions: ReadonlyMap<string, BoundAction>
  readonly secrets: SecretStore
  /** How long a token is good with which the device was armed, in milliseconds. */
  readonly armingTimeoutInMs: number
}

interface RunningOperation {
  readonly abort: AbortController
  readonly request: LiveRequest | undefined
  readonly over: Promise<void>
}

/** Accepts operations, runs them one at a time, and takes them up again after a restart. */
export class OperationManager {
  readonly #options: OperationManagerOptions
  readonly #running = new Map<string, RunningOperation>()
  readonly #turns = new TurnQueue()
  readonly #closing = new AbortController()
  readonly #armings: ArmingDesk
  #lastAcceptance: Promise<unknown> = Promise.resolve()

  constructor(options: OperationManagerOptions) {
    this.#options = options
    this.#armings = new ArmingDesk({ environment: options.environment, timeoutInMs: options.armingTimeoutInMs })
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
    const answer = this.#lastAcceptance.then(() => this.#accept({ actionName, action, payload }))
    this.#lastAcceptance = answer.catch(() => {})
    return answer
  }

  /** Keeps in mind, and has reported, an operation that will never run here; nothing happens when it is known by now. */
  remember(operation: FinishedEntry): Promise<void> {
    const { store } = this.#options
    const done = this.#lastAcceptance.then(async (): Promise<void> => {
      if (store.get(operation.operationId) === undefined) await store.record(operation)
      return undefined
    })
    this.#lastAcceptance = done.catch(() => {})
    return done
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
      const why = log.pointOfNoReturn ? 'past its point of no return' : state
      return refuse('NotCancellable', `the operation is ${why}`, referenceTo(log))
    }
    this.#running.get(operationId)?.abort.abort(new OperationCancelledError())
    return { status: responseStatus.ok, payload: { operationId, state } }
  }

  /** Ends this life of every operation; they go on in the next one. Resolves when their handlers have returned. */
  async close(): Promise<void> {
    const reason = new AgentClosedError()
    this.#closing.abort(reason)
    for (const { abort } of this.#running.values()) abort.abort(reason)
    this.#armings.close()
    await this.#lastAcceptance
    await Promise.all([...this.#running.values()].map(({ over }) => over))
  }

  async #accept(incoming: IncomingRequest): Promise<WireAnswer> {
    if (this.#closing.signal.aborted) return refuse('NotReady', 'the agent is closing')
    const { store, environment, secrets: kept } = this.#options
    const decision = redacting(incoming, () => decideRequest(incoming, store, environment, this.#options))
    switch (decision.kind) {
      case 'refuse':
        return decision.answer
      case 'repeat':
        return this.#repeat(incoming, decision.log, decision.secrets)
      case 'arm':
        return encodeArming(this.#armings.arm(incoming.actionName, decision.request))
      case 'accept': {
        const { entry, secrets, replaces, arming } = decision
        if (arming !== undefined && !this.#armings.redeem(entry.action, entry.request, arming.token)) {
          return refuse('NotArmed', `the request needs a fresh token: send it with 'arm: true' to get one`)
        }
        if (Object.keys(secrets).length > 0) await kept.put(entry.operationId, secrets)
        const log = await store.record(entry)
        for (const { operationId } of replaces) await this.cancel(operationId)
        // Not in this turn of the event loop: the answer leaves first.
        setImmediate(() => this.#start(log))
        return encodeActionAnswer(log.record)
      }
    }
  }

  /** A request that came again; it may bring fresh secrets. */
  async #repeat(incoming: IncomingRequest, log: OperationLog, secrets: JsonObject): Promise<WireAnswer> {
    const { store, secrets: kept } = this.#options
    const { operationId } = log
    if (store.isUnderWay(operationId) && Object.keys(secrets).length > 0 && !sameJson(secrets, kept.get(operationId))) {
      const renewed = { ...kept.get(operationId), ...secrets }
      const request = redacting(incoming, () => checkRequest(incoming.action, log, renewed))
      if (!request.valid) {
        return refuse('InvalidPayload', 'the payload is invalid', { issues: request.issues })
      }
      await kept.put(operationId, renewed)
      this.#running.get(operationId)?.request?.renew(request.value, renewed)
    }
    return encodeActionAnswer(log.record)
  }

  #start(log: OperationLog): void {
    const closing = this.#closing.signal
    if (closing.aborted) return
    const { actions, store, secrets } = this.#options
    const { operationId } = log
    const action = actions.get(log.action)
    const onError = (error: unknown) => this.#options.onError(redactError(error, secrets.get(operationId)))
    const request = action && openRequest(action, log, secrets.get(operationId), onError)
    const abort = new AbortController()
    if (store.get(operationId)?.cancelRequested) abort.abort(new OperationCancelledError())
    const turn = this.#turns.join(`${log.action} '${operationId}'`)
    const options: RunOptions = { ...this.#options, signal: abort.signal, closing, turn, onError }
    const over = runOperation(log, action, request, options)
      .then(() => (store.isUnderWay(operationId) ? undefined : secrets.remove(operationId)))
      .catch(onError)
      .finally(() => {
        turn[Symbol.dispose]()
        this.#running.delete(operationId)
      })
    this.#running.set(operationId, { abort, request, over })
  }
}

function refuse(code: RefusalCode, message: string, more: Omit<Refusal, 'code' | 'message'> = {}): WireAnswer {
  return encodeRefusal({ code, message, ...more })
}
