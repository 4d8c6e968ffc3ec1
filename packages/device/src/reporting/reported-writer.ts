import {
  type ActionDefinition,
  applyMergePatch,
  encodeReportedPatch,
  isIotHubDmError,
  isTerminalState,
  type JsonObject,
  sameJson,
} from '@iothub-dm/protocol'
import { type CancelTimeout, type Clock, noTimeout } from '../connection/clock.ts'
import type { HubConnection } from '../connection/hub-connection.ts'
import type { OperationLog } from '../operation/operation-log.ts'
import { recordsToReport, withoutResults } from './records-to-report.ts'

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
  /** The sessions so far. */
  #sessions = 0
  #connected = false
  #writing = false
  /** Something changed since the round that is under way began. */
  #again = false
  #closed = false
  #failures = 0
  #retrying = false
  #cancelRetry: CancelTimeout = noTimeout
  #cancelProgress: CancelTimeout | undefined
  #lastSentInMs = Number.NEGATIVE_INFINITY
  /** Patches that the hub will never take; not sent again until something changes. */
  #refused: readonly JsonObject[] = []
  readonly #waiting = new Set<() => void>()

  constructor(options: ReportedWriterOptions) {
    this.#options = options
  }

  /** A session with the hub began: what the hub has is read again. */
  sessionBegan(): void {
    this.#sessions += 1
    this.#connected = true
    this.#known = undefined
    this.#refused = []
    this.#failures = 0
    this.#stopRetrying()
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
    const { clock, progressIntervalInMs } = this.#options
    const waitInMs = urgent ? 0 : this.#lastSentInMs + progressIntervalInMs - clock.now()
    // A clock that was set back must not hold it longer than the interval.
    if (waitInMs <= 0) this.#write()
    else this.#writeLater(Math.min(waitInMs, progressIntervalInMs))
  }

  /** Resolves when the hub has everything that it takes, or after the time is over. */
  async flush(timeoutInMs: number): Promise<void> {
    if (this.#closed) return
    await new Promise<void>(resolve => {
      const done = () => {
        cancel()
        this.#waiting.delete(done)
        resolve()
      }
      const cancel = this.#options.clock.setTimeout(done, timeoutInMs)
      this.#waiting.add(done)
      this.#write()
    })
  }

  /** Sends nothing any more. */
  close(): void {
    this.#closed = true
    this.#stopRetrying()
    this.#stopWaiting()
    for (const done of this.#waiting) done()
  }

  #write(): void {
    this.#again = true
    if (this.#writing || this.#retrying || this.#closed || !this.#connected) return
    this.#writing = true
    this.#stopWaiting()
    const session = this.#sessions
    this.#writeAll().then(
      () => this.#afterSuccess(),
      (error: unknown) => this.#afterFailure(error, session),
    )
  }

  #writeLater(delayInMs: number): void {
    if (this.#closed) return
    this.#cancelProgress ??= this.#options.clock.setTimeout(() => {
      this.#cancelProgress = undefined
      this.#write()
    }, delayInMs)
  }

  async #writeAll(): Promise<void> {
    while (this.#again && this.#connected && !this.#closed) {
      this.#again = false
      this.#known ??= (await this.#options.connection.readTwin()).reported
      const logs = this.#unreported()
      const patch = this.#nextPatch(logs, this.#known)
      if (patch === 'refused') continue
      if (patch === undefined || (await this.#send(patch, this.#known))) await this.#confirm(logs)
    }
  }

  /** undefined: the hub has everything. */
  #nextPatch(logs: readonly OperationLog[], known: JsonObject): JsonObject | 'refused' | undefined {
    const { actions } = this.#options
    const records = recordsToReport(logs, known)
    const patches = [records, withoutResults(records)].map(some => encodeReportedPatch(some, actions, known))
    const isRefused = (patch: JsonObject) => this.#refused.some(refused => sameJson(patch, refused))
    const index = patches.findIndex(patch => patch === undefined || !isRefused(patch))
    return index === -1 ? 'refused' : patches[index]
  }

  /** @returns false when the hub refused it for good */
  async #send(patch: JsonObject, known: JsonObject): Promise<boolean> {
    this.#lastSentInMs = this.#options.clock.now()
    try {
      await this.#options.connection.updateReported(patch)
    } catch (error) {
      if (isIotHubDmError(error, 'ReportRefused') && !error.retryable) {
        this.#options.onError(error)
        // The last two are what was tried last, with the results and without.
        this.#refused = [...this.#refused.slice(-1), patch]
        this.#again = true
        return false
      }
      this.#known = undefined
      throw error
    }
    this.#known = applyMergePatch(known, patch)
    this.#refused = []
    return true
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
    if (!this.#connected || this.#closed) return
    // Something may have changed after the last round had looked.
    if (this.#again) this.#write()
    else for (const done of this.#waiting) done()
  }

  #afterFailure(error: unknown, session: number): void {
    this.#writing = false
    this.#again = true
    if (this.#closed) return
    if (isIotHubDmError(error, 'ConnectionLost')) {
      // The next session reads the twin and goes on. While a SAS token is renewed, nobody says that the one before is lost.
      if (session === this.#sessions) this.#connected = false
      else this.#write()
      return
    }
    this.#options.onError(error)
    const delayInMs = Math.min(retryDelays.firstInMs * 2 ** this.#failures, retryDelays.maxInMs)
    this.#failures += 1
    this.#retrying = true
    this.#cancelRetry = this.#options.clock.setTimeout(() => {
      this.#stopRetrying()
      this.#write()
    }, delayInMs)
  }

  #stopRetrying(): void {
    this.#cancelRetry()
    this.#retrying = false
  }

  #stopWaiting(): void {
    this.#cancelProgress?.()
    this.#cancelProgress = undefined
  }
}
