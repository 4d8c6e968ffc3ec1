import { EventEmitter } from 'node:events'
import type TypedEmitter from 'typed-emitter'
import type { Clock } from '../../clock/clock.ts'
import { ClientClosedError } from '../../errors/client-closed-error.ts'
import { RolloutCommandRefusedError, RolloutNotFoundError } from '../../errors/rollout-errors.ts'
import { HubError } from '../../hub/hub-error.ts'
import type { IotHub } from '../../hub/iot-hub.ts'
import { ChangeSignal } from '../../operation/change-signal.ts'
import { readPages } from '../../query/read-pages.ts'
import { type AuditEntry, addToAudit } from '../control/audit-entry.ts'
import type { ControlRecord } from '../control/control-record.ts'
import type { ControlTwin } from '../control/control-twin.ts'
import { DeviceBook } from '../controller/device-book.ts'
import type { RolloutController, RolloutControllerListener } from '../controller/rollout-controller.ts'
import { parseSighting, targetQuery } from '../controller/rollout-queries.ts'
import { applyCommand, type RolloutCommand } from '../decision/apply-command.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import { type DeviceExplanation, explainDevice } from './device-explanation.ts'
import type { RolloutSnapshot } from './rollout-snapshot.ts'

/** Events of a {@link RolloutHandle}. */
export type RolloutHandleEvents = {
  /** Something has changed. */
  progress: (snapshot: RolloutSnapshot) => void
  /** Something was decided, by this controller or another one, or commanded. */
  decision: (entry: AuditEntry) => void
  /** The hub is in the way at the moment; what failed is tried again. */
  trouble: (error: unknown) => void
  /** The rollout is over. */
  done: (snapshot: RolloutSnapshot) => void
  /** This process cannot go on with the rollout. */
  error: (error: unknown) => void
}

/** What a {@link RolloutHandle} is made of. */
export interface RolloutHandleSource {
  readonly hub: IotHub
  readonly clock: Clock
  readonly twin: ControlTwin
  readonly plan: RolloutPlan
  readonly record: ControlRecord
  /** Who gives commands through this handle, for the audit. */
  readonly by: string
  readonly createController: (listener: RolloutControllerListener) => RolloutController
}

const maxCommandTries = 10

const Base: new () => TypedEmitter<RolloutHandleEvents> =
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed-emitter types the events, EventEmitter is the class
  EventEmitter as new () => TypedEmitter<RolloutHandleEvents>

/**
 * One rollout, seen from a back end that carries it out, or stands by to. Any number of processes may have a handle of the same rollout:
 * one of them acts, another one takes over when it ends or crashes, and commands may be given through each.
 *
 * @example
 * ```ts
 * await using rollout = await fleet.actions.firmwareUpdate.beginRollout({ rolloutId: 'fw-1-1', request, rollbackRequest })
 * for await (const { state, counts } of rollout) console.log(state?.phase, state?.wave, counts)
 * ```
 */
export class RolloutHandle extends Base implements AsyncIterable<RolloutSnapshot>, AsyncDisposable {
  readonly rolloutId: string
  /** What the rollout does, as it was fixed when it began. */
  readonly plan: RolloutPlan
  readonly #source: RolloutHandleSource
  readonly #controller: RolloutController
  readonly #changed = new ChangeSignal()
  #record: ControlRecord
  #counts: ControlRecord['counts']
  #snapshot: RolloutSnapshot
  readonly #audit: AuditEntry[] = []
  #running: Promise<void> | undefined
  #failure: { readonly reason: unknown } | undefined
  #isClosed = false

  /** @internal Handles come from `beginRollout` and `attachRollout`. */
  constructor(source: RolloutHandleSource) {
    super()
    this.#source = source
    this.plan = source.plan
    this.rolloutId = source.plan.rolloutId
    this.#record = source.record
    this.#audit.push(...source.record.audit)
    this.#counts = source.record.counts
    this.#snapshot = this.#makeSnapshot()
    this.#controller = source.createController({
      onRecord: record => this.#takeRecord(record),
      onCounts: counts => {
        this.#counts = counts
        this.#tellProgress()
      },
      onTrouble: error => this.emit('trouble', error),
    })
    this.#run()
  }

  /** How far the rollout is, as was last seen. */
  snapshot(): RolloutSnapshot {
    return this.#snapshot
  }

  /** The snapshot as it is, then the newest one whenever something has changed, until the rollout is over. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RolloutSnapshot, void, undefined> {
    let last: RolloutSnapshot | undefined
    for (;;) {
      const isOver = this.#isOver
      if (this.#snapshot !== last) {
        last = this.#snapshot
        yield last
      } else if (isOver) return
      else if (this.#failure !== undefined) throw this.#failure.reason
      else await this.#changed.wait()
    }
  }

  /**
   * Every decision and command of the rollout, with who, when and the numbers: the last ones before this handle was made, then those that
   * follow, until the rollout is over.
   */
  get audit(): AsyncIterable<AuditEntry> {
    return { [Symbol.asyncIterator]: () => this.#auditEntries() }
  }

  /** What {@link RolloutHandle.audit} has to tell already. */
  get auditSoFar(): readonly AuditEntry[] {
    return [...this.#audit]
  }

  /**
   * Waits until the rollout is over, or this process cannot go on with it.
   *
   * @throws what the event `error` tells; ClientClosedError when the handle is closed first
   */
  async result(): Promise<RolloutSnapshot> {
    let last = this.#snapshot
    for await (const snapshot of this) last = snapshot
    return last
  }

  /** Says why a device is updated, or is not. */
  async explain(deviceId: string): Promise<DeviceExplanation> {
    const { clock } = this.#source
    const entry = this.#controller.knowsFleet ? this.#controller.entry(deviceId) : await this.#find(deviceId)
    return explainDevice(deviceId, entry, this.plan, this.#record.state, clock.now())
  }

  /** Lets the wave begin that waits for it. */
  approve(): Promise<void> {
    return this.#command({ type: 'approve' })
  }

  /** Starts no more devices; those at work go on. */
  pause(reason: string): Promise<void> {
    return this.#command({ type: 'pause', reason })
  }

  /** Goes on after a pause, or in spite of a gate, which then does not judge again before the next wave. */
  resume(): Promise<void> {
    return this.#command({ type: 'resume' })
  }

  /** Ends the rollout, and cancels what is under way on devices. */
  abort(): Promise<void> {
    return this.#command({ type: 'abort' })
  }

  /** Begins again what failed, as an operation of its own. */
  retryFailed(): Promise<void> {
    return this.#command({ type: 'retryFailed' })
  }

  /** Sends the devices that were started the request that undoes it. */
  rollBack(): Promise<void> {
    return this.#command({ type: 'rollBack' })
  }

  /** Leaves the rollout to other processes. It goes on as soon as one of them has attached to it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#failure ??= { reason: new ClientClosedError() }
    await this.#controller.close(this.#failure.reason)
    await this.#running
    this.#changed.notify()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #isOver(): boolean {
    return this.#record.state?.phase === 'over' && this.#running === undefined
  }

  /** Commands are written by compare-and-set, whoever carries the rollout out; it sees them when it next looks. */
  async #command(command: RolloutCommand): Promise<void> {
    const { twin, clock, by } = this.#source
    if (this.#isClosed) throw new ClientClosedError()
    for (let tries = 1; tries <= maxCommandTries; tries += 1) {
      const read = await twin.read()
      if (read?.record === undefined) throw new RolloutNotFoundError(this.rolloutId)
      const { record, etag } = read
      if (record.state === undefined) throw this.#refused(command, 'it has not begun')
      const nowInMs = clock.now()
      const state = applyCommand(this.plan, record.state, command, nowInMs)
      if ('refused' in state) throw this.#refused(command, state.refused)
      const audit = addToAudit(record.audit, [{ type: 'commanded', command }], { by, nowInMs })
      const written = { ...record, state, audit }
      if ((await twin.write(written, etag)) === undefined) continue
      this.#takeRecord(written)
      this.#controller.poke()
      this.#run()
      return
    }
    throw new HubError('PreconditionFailed', `rollout '${this.rolloutId}': others were faster every time`)
  }

  #refused({ type }: RolloutCommand, reason: string): RolloutCommandRefusedError {
    return new RolloutCommandRefusedError(this.rolloutId, type, reason)
  }

  #run(): void {
    if (this.#running !== undefined || this.#isClosed) return
    this.#running = this.#controller.run().then(
      () => this.#end(),
      (error: unknown) => this.#fail(error),
    )
  }

  #end(): void {
    this.#running = undefined
    // A command may have come while the controller was ending.
    if (this.#record.state?.phase === 'over') {
      this.#changed.notify()
      this.emit('done', this.#snapshot)
    } else this.#run()
  }

  #fail(error: unknown): void {
    this.#running = undefined
    this.#failure ??= { reason: error }
    this.#changed.notify()
    // Without a listener Node would throw it at nobody.
    if (!this.#isClosed && this.listenerCount('error') > 0) this.emit('error', error)
  }

  #takeRecord(record: ControlRecord): void {
    this.#record = record
    if (!this.#controllerActs) this.#counts = record.counts ?? this.#counts
    const last = this.#audit.at(-1)?.sequence ?? 0
    const added = record.audit.filter(({ sequence }) => sequence > last)
    this.#audit.push(...added)
    for (const entry of added) this.emit('decision', entry)
    if (added.length > 0) this.#changed.notify()
    this.#tellProgress()
  }

  get #controllerActs(): boolean {
    return this.#record.lease?.owner === this.#source.by
  }

  #tellProgress(): void {
    const snapshot = this.#makeSnapshot()
    if (JSON.stringify(snapshot) === JSON.stringify(this.#snapshot)) return
    this.#snapshot = snapshot
    this.#changed.notify()
    this.emit('progress', snapshot)
  }

  #makeSnapshot(): RolloutSnapshot {
    const { state, lease } = this.#record
    const controller = lease === undefined || lease.owner === '' ? undefined : lease.owner
    return { rolloutId: this.rolloutId, state, counts: this.#counts, waves: this.plan.waves.length, controller }
  }

  async *#auditEntries(): AsyncGenerator<AuditEntry, void, undefined> {
    for (let index = 0; ; ) {
      const isOver = this.#isOver || this.#failure !== undefined
      const entry = this.#audit[index]
      if (entry !== undefined) {
        index += 1
        yield entry
      } else if (isOver) return
      else await this.#changed.wait()
    }
  }

  /** Looks a device up, for a handle whose controller stands by. */
  async #find(deviceId: string): Promise<ReturnType<DeviceBook['get']>> {
    const { hub, clock } = this.#source
    const book = new DeviceBook(this.plan)
    for await (const rows of readPages(hub, clock, targetQuery(this.plan, deviceId))) {
      book.replace(
        rows.flatMap(row => parseSighting(row) ?? []),
        clock.now(),
      )
    }
    return book.get(deviceId)
  }
}
