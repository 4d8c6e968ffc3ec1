import {
  applyMergePatch,
  describeIssues,
  findReportIssue,
  IotHubDmError,
  isIotHubDmError,
  type JsonObject,
  sameJson,
} from '@iothub-dm/protocol'
import { type CancelTimeout, type Clock, noTimeout } from '../connection/clock.ts'
import type { DeviceTwin, HubConnection } from '../connection/hub-connection.ts'
import type { ReportedPart } from './reported-part.ts'

/** What a {@link ReportedWriter} works with. */
export interface ReportedWriterOptions {
  readonly connection: Pick<HubConnection, 'readTwin' | 'updateReported'>
  /** Each is sent on its own, so that none is held up when the hub refuses another; in this order. */
  readonly parts: readonly ReportedPart[]
  /** Told of every read of the twin: they serve the desired properties too. */
  readonly onRead?: TwinReadListener | undefined
  /** A call to the hub begins; what it returns is called once the hub has taken it. */
  readonly onCall?: (() => () => void) | undefined
  readonly onError: (error: unknown) => void
  readonly clock: Clock
  /** Shortest time between two reports that differ only in `percent` and `detail`, in milliseconds. */
  readonly progressIntervalInMs: number
}

/** Hears of the reads of the twin. */
export interface TwinReadListener {
  /** A read begins; it ends with `readEnded`, or with another beginning. */
  readBegan(): void
  readEnded(twin: DeviceTwin): void
}

const retryDelays = { firstInMs: 500, maxInMs: 30_000 }

/**
 * Keeps the hub's reported properties in step with what the device has to report. It knows what the hub has, from the twin read at the start of
 * each session and the patches confirmed since, and sends the difference: one patch at a time, so that everything that changed
 * meanwhile goes into the next one. When the fate of a patch is unknown, the twin is read again.
 */
export class ReportedWriter {
  readonly #options: ReportedWriterOptions
  /** What the hub has, unless the twin has to be read first. */
  #known: JsonObject = {}
  #readWanted = true
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
  #updates = 0
  /** Patches that the hub will never take; not sent again until their part changes. */
  readonly #refused = new Map<ReportedPart, readonly JsonObject[]>()
  readonly #waiting = new Set<() => void>()

  constructor(options: ReportedWriterOptions) {
    this.#options = options
  }

  /** Updates of the reported properties that were sent so far, those among them that failed too: each costs one of the hub's. */
  get updates(): number {
    return this.#updates
  }

  /** A session with the hub began: what the hub has is read again. */
  sessionBegan(): void {
    this.#sessions += 1
    this.#connected = true
    this.#readWanted = true
    this.#refused.clear()
    this.#failures = 0
    this.#stopRetrying()
    this.#write()
  }

  /** Reads the twin again, however often it fails, unless the next session does so anyway. */
  readAgain(): void {
    this.#readWanted = true
    this.#write()
  }

  /** The session is over; what changes meanwhile goes into one patch at the next one. */
  sessionLost(): void {
    this.#connected = false
  }

  /**
   * There is something to report.
   *
   * @param urgent false when only the percentage or the detail of an operation changed: that may wait
   * @param intervalInMs how long it may wait after the last report, in milliseconds. Default: `progressIntervalInMs`
   */
  changed(urgent: boolean, intervalInMs: number = this.#options.progressIntervalInMs): void {
    const waitInMs = urgent ? 0 : this.#lastSentInMs + intervalInMs - this.#options.clock.now()
    // A clock that was set back must not hold it longer than the interval.
    if (waitInMs <= 0) this.#write()
    else this.#writeLater(Math.min(waitInMs, intervalInMs))
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
      for (const part of this.#options.parts) await this.#bringInStep(part)
    }
  }

  async #bringInStep(part: ReportedPart): Promise<void> {
    if (this.#readWanted) await this.#read()
    const known = this.#known
    const draft = part.draft(known)
    const refused = this.#refused.get(part) ?? []
    const index = draft.patches.findIndex(patch => patch === undefined || !refused.some(one => sameJson(patch, one)))
    if (index === -1) return
    const patch = draft.patches[index]
    if (patch === undefined || (await this.#send(part, patch, known))) await draft.confirm(patch)
  }

  async #read(): Promise<void> {
    // Before the read, not after it: whoever wants one meanwhile wants a newer one.
    this.#readWanted = false
    this.#options.onRead?.readBegan()
    const answered = this.#options.onCall?.()
    try {
      const twin = await this.#options.connection.readTwin()
      answered?.()
      this.#known = twin.reported
      this.#options.onRead?.readEnded(twin)
    } catch (error) {
      this.#readWanted = true
      throw error
    }
  }

  /** @returns false when the hub refused it for good, or would */
  async #send(part: ReportedPart, patch: JsonObject, known: JsonObject): Promise<boolean> {
    const issue = findReportIssue(known, patch)
    if (issue !== undefined) {
      const text = describeIssues([issue])
      return this.#refuse(part, patch, new IotHubDmError('InvalidReport', `reported properties: ${text}`))
    }
    this.#lastSentInMs = this.#options.clock.now()
    this.#updates += 1
    const answered = this.#options.onCall?.()
    try {
      await this.#options.connection.updateReported(patch)
      answered?.()
    } catch (error) {
      if (isIotHubDmError(error, 'ReportRefused') && !error.retryable) return this.#refuse(part, patch, error)
      this.#readWanted = true
      throw error
    }
    this.#known = applyMergePatch(known, patch)
    this.#refused.delete(part)
    return true
  }

  #refuse(part: ReportedPart, patch: JsonObject, reason: IotHubDmError): false {
    this.#options.onError(reason)
    // The last two are what was tried last, in full and reduced.
    this.#refused.set(part, [...(this.#refused.get(part) ?? []).slice(-1), patch])
    this.#again = true
    return false
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
