import {
  type ActionDefinition,
  applyMergePatch,
  encodeReportedPatch,
  isIotHubDmError,
  isTerminalState,
  type JsonObject,
  sameJson,
} from '@iothub-dm/protocol'
import type { CancelTimeout, Clock } from '../connection/clock.ts'
import type { HubConnection } from '../connection/hub-connection.ts'
import type { OperationLog } from '../operation/operation-log.ts'

/** What a {@link ReportedWriter} works with. */
export interface ReportedWriterOptions {
  readonly connection: Pick<HubConnection, 'readTwin' | 'updateReported'>
  readonly actions: Readonly<Record<string, ActionDefinition>>
  /** The newest operation of each action. */
  readonly operations: () => ReadonlyMap<string, OperationLog>
  /** Called once the hub has the terminal state of an operation. */
  readonly onReported: (operationId: string) => Promise<void>
  readonly onError: (error: unknown) => void
  readonly clock: Clock
  /** Shortest time between two reports that differ only in `percent` and `detail`, in milliseconds. */
  readonly progressIntervalInMs: number
}

const retryDelays = { firstInMs: 500, maxInMs: 30_000 }

/**
 * Keeps the hub's reported properties in step with the operations. It knows what the hub has, from the twin read at the start of
 * each session and the patches confirmed since, and sends the difference: one patch at a time, so that everything that changed
 * meanwhile goes into the next one. When the fate of a patch is unknown, the twin is read again.
 */
export class ReportedWriter {
  readonly #options: ReportedWriterOptions
  /** What the hub has; undefined: unknown, to be read. */
  #known: JsonObject | undefined
  #connected = false
  #writing = false
  /** Something changed since the round that is under way began. */
  #again = false
  #closed = false
  #failures = 0
  #cancelTimer: CancelTimeout | undefined
  #lastSentInMs = Number.NEGATIVE_INFINITY
  /** A patch that the hub will never take; not sent again until something changes. */
  #refused: JsonObject | undefined
  #waiting: (() => void)[] = []

  constructor(options: ReportedWriterOptions) {
    this.#options = options
  }

  /** A session with the hub began: what the hub has is read again. */
  sessionBegan(): void {
    this.#connected = true
    this.#known = undefined
    this.#refused = undefined
    this.#failures = 0
    this.#write()
  }

  /** The session is over; what changes meanwhile goes into one patch at the next one. */
  sessionLost(): void {
    this.#connected = false
  }

  /**
   * An operation changed.
   *
   * @param urgent false when only its percentage or detail changed: that may wait
   */
  changed(urgent: boolean): void {
    const waitInMs = urgent ? 0 : this.#lastSentInMs + this.#options.progressIntervalInMs - this.#options.clock.now()
    if (waitInMs <= 0) this.#write()
    else this.#writeLater(waitInMs)
  }

  /** Resolves when the hub has everything, or after the time is over. */
  async flush(timeoutInMs: number): Promise<void> {
    if (this.#closed) return
    await new Promise<void>(resolve => {
      const cancel = this.#options.clock.setTimeout(resolve, timeoutInMs)
      this.#waiting.push(() => {
        cancel()
        resolve()
      })
      this.#write()
    })
  }

  /** Sends nothing any more. */
  close(): void {
    this.#closed = true
    this.#cancelTimer?.()
  }

  #writeLater(delayInMs: number): void {
    if (this.#cancelTimer !== undefined || this.#closed) return
    this.#cancelTimer = this.#options.clock.setTimeout(() => {
      this.#cancelTimer = undefined
      this.#write()
    }, delayInMs)
  }

  #write(): void {
    this.#again = true
    if (this.#writing || this.#closed || !this.#connected) return
    this.#writing = true
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#writeAll().then(
      () => this.#afterSuccess(),
      (error: unknown) => this.#afterFailure(error),
    )
  }

  async #writeAll(): Promise<void> {
    while (this.#again && this.#connected && !this.#closed) {
      this.#again = false
      const known = this.#known ?? (await this.#options.connection.readTwin()).reported
      this.#known = known
      const logs = this.#unreported()
      const records = Object.fromEntries(logs.map(log => [log.action, log.record]))
      const patch = encodeReportedPatch(records, this.#options.actions, known)
      if (patch !== undefined && sameJson(patch, this.#refused)) continue
      if (patch !== undefined) this.#known = await this.#send(patch, known)
      await this.#confirm(logs)
    }
  }

  /** @returns what the hub has afterwards */
  async #send(patch: JsonObject, known: JsonObject): Promise<JsonObject> {
    this.#lastSentInMs = this.#options.clock.now()
    try {
      await this.#options.connection.updateReported(patch)
    } catch (error) {
      this.#known = undefined
      if (isIotHubDmError(error, 'ReportRefused') && !error.retryable) this.#refused = patch
      throw error
    }
    return applyMergePatch(known, patch)
  }

  /** The newest operation of each action, apart from those whose end the hub has confirmed. */
  #unreported(): OperationLog[] {
    return [...this.#options.operations().values()].filter(log => !log.reported)
  }

  async #confirm(logs: readonly OperationLog[]): Promise<void> {
    for (const { operationId, record } of logs) {
      if (isTerminalState(record.state)) await this.#options.onReported(operationId)
    }
  }

  #afterSuccess(): void {
    this.#writing = false
    this.#failures = 0
    if (!this.#connected) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #afterFailure(error: unknown): void {
    this.#writing = false
    if (this.#closed) return
    if (isIotHubDmError(error, 'ConnectionLost')) {
      this.#write() // no failure: the next session, if it is there already, reads the twin and goes on
      return
    }
    this.#options.onError(error)
    const delayInMs = Math.min(retryDelays.firstInMs * 2 ** this.#failures, retryDelays.maxInMs)
    this.#failures += 1
    this.#again = true
    this.#writeLater(delayInMs)
  }
}
