import type { ActionDefinition } from '@iothub-dm/protocol'
import type { Clock } from '../../clock/clock.ts'
import { delay } from '../../clock/delay.ts'
import { isHubError } from '../../hub/hub-error.ts'
import type { IotHub } from '../../hub/iot-hub.ts'
import { cancelOperationOnDevice } from '../../operation/cancel-operation.ts'
import type { HubBudget } from '../../pacing/hub-budget.ts'
import { pacedHub } from '../../pacing/paced-hub.ts'
import type { AuditEvent } from '../control/audit-entry.ts'
import type { ControlRecord } from '../control/control-record.ts'
import type { ControlTwin } from '../control/control-twin.ts'
import { decide, initialState } from '../decision/decide.ts'
import type { RolloutState } from '../decision/rollout-state.ts'
import { countOutcomes, type OutcomeCounts, type RolloutDevice } from '../decision/tally.ts'
import type { RolloutSecrets } from '../plan/compile-plan.ts'
import { operationIdOf } from '../plan/operation-id.ts'
import { planHash } from '../plan/plan-hash.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import { ControlSession } from './control-session.ts'
import { DeviceBook } from './device-book.ts'
import type { DeviceEntry } from './device-entry.ts'
import { FleetObserver } from './fleet-observer.ts'
import { sightingOf } from './rollout-queries.ts'
import { prepareStart, type Start, startDevice } from './start-device.ts'
import { StartPacer } from './start-pacer.ts'

/** What a controller works with. */
export interface RolloutControllerOptions {
  readonly hub: IotHub
  readonly clock: Clock
  readonly budget: HubBudget
  readonly plan: RolloutPlan
  readonly secrets: RolloutSecrets
  readonly definition: ActionDefinition
  readonly twin: ControlTwin
  /** Of this controller alone. */
  readonly owner: string
  /** Time between two looks at the fleet, in milliseconds. */
  readonly observeIntervalInMs: number
  /** Time between two listings of all devices, in milliseconds. */
  readonly refreshIntervalInMs: number
  readonly listener: RolloutControllerListener
}

/** Told by a {@link RolloutController}; it must not throw. */
export interface RolloutControllerListener {
  /** The record was read or written. */
  onRecord(record: ControlRecord): void
  /** The devices were counted anew. */
  onCounts(counts: OutcomeCounts): void
  /** The hub cannot be worked with at the moment; it is tried again. */
  onTrouble(error: unknown): void
}

/** Time between two steps, in milliseconds: while devices are being started, and otherwise. */
const busyTickInMs = 250
const longestIdleTickInMs = 2_000
const standbyTickInMs = 5_000
const troubleTickInMs = 5_000
const devicesPerPage = 100

/**
 * Carries a rollout out, while it holds the lease; until then it stands by. It never acts before the state that says so is stored, so
 * another one can go on in its place at any moment.
 */
export class RolloutController {
  readonly #options: RolloutControllerOptions
  readonly #hub: IotHub
  readonly #session: ControlSession
  readonly #pacer: StartPacer
  readonly #abort = new AbortController()
  #book: DeviceBook
  #observer: FleetObserver
  #running: Promise<void> | undefined
  #observing: Promise<void> | undefined
  #lookAtInMs = Number.NEGATIVE_INFINITY
  /** The holding that the book belongs to. */
  #token: number | undefined
  #start: Start | undefined
  /** Operations that were asked to end. */
  readonly #cancelled = new Set<string>()
  #wake: (() => void) | undefined

  constructor(options: RolloutControllerOptions) {
    const { hub, clock, budget, plan, twin, owner, listener } = options
    this.#options = options
    this.#hub = pacedHub(hub, budget, clock)
    this.#pacer = new StartPacer(plan.pace, budget)
    this.#session = new ControlSession({
      twin,
      clock,
      owner,
      planHash: planHash(plan),
      onRecord: record => listener.onRecord(record),
    })
    this.#book = new DeviceBook(plan)
    this.#observer = this.#observe()
  }

  /** Whether this controller is the one that acts. */
  get isActing(): boolean {
    return this.#session.mayAct
  }

  /** What is known of a device; undefined also while this controller stands by. */
  entry(deviceId: string): DeviceEntry | undefined {
    return this.#book.get(deviceId)
  }

  /** Whether {@link RolloutController.entry} knows all devices. */
  get knowsFleet(): boolean {
    return this.#observer.isReady
  }

  /** Has the record read, and the next step made, at once. */
  poke(): void {
    this.#session.invalidate()
    this.#wake?.()
  }

  /**
   * Works until the rollout is over.
   *
   * @throws RolloutDamagedError, RolloutNotFoundError, HubError `Unauthorized` when there is no going on
   * @throws the reason of `close`
   */
  async run(): Promise<void> {
    const running = this.#work()
    this.#running = running
    await running
    await this.#release()
  }

  /** A lease that cannot be given up expires. */
  async #release(): Promise<void> {
    await this.#session.release().catch((error: unknown) => this.#options.listener.onTrouble(error))
  }

  async #work(): Promise<void> {
    const { signal } = this.#abort
    for (;;) {
      signal.throwIfAborted()
      let pauseInMs: number | undefined
      try {
        pauseInMs = await this.#step(signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!isHubError(error) || error.code === 'Unauthorized') throw error
        this.#options.listener.onTrouble(error)
        this.#session.invalidate()
        pauseInMs = Math.max(troubleTickInMs, error.retryAfterInMs ?? 0)
      }
      if (pauseInMs === undefined) return
      if (pauseInMs > 0) await this.#pause(pauseInMs, signal)
    }
  }

  /** Ends the work and gives the lease up; the rollout goes on as soon as another controller takes it. */
  async close(reason: unknown): Promise<void> {
    this.#abort.abort(reason)
    await Promise.allSettled([this.#running, this.#observing])
    await this.#release()
  }

  /** @returns how long to wait for the next step; undefined when the rollout is over */
  async #step(signal: AbortSignal): Promise<number | undefined> {
    const record = await this.#session.record(signal)
    if (this.#session.token === undefined || !this.#session.mayAct) {
      if (this.#isOver(record)) return undefined
      return (await this.#session.take(record, signal)) ? 0 : standbyTickInMs
    }
    if (this.#session.token !== this.#token) this.#beginAnew(this.#session.token)
    this.#look()
    if (!this.#observer.isReady) {
      if (this.#session.isRenewalDue) await this.#session.write(record, [], signal)
      return busyTickInMs
    }
    return record.state === undefined ? this.#begin(record, signal) : this.#goOn(record, record.state, signal)
  }

  /** What a holding before this one knew may be old. */
  #beginAnew(token: number): void {
    this.#token = token
    this.#book = new DeviceBook(this.#options.plan)
    this.#observer = this.#observe()
    this.#cancelled.clear()
  }

  #observe(): FleetObserver {
    const { clock, plan, refreshIntervalInMs } = this.#options
    return new FleetObserver({
      hub: this.#hub,
      clock,
      plan,
      book: this.#book,
      refreshIntervalInMs,
      abortSignal: this.#abort.signal,
    })
  }

  /** The first step: how far the first wave goes depends on the devices that there are. */
  async #begin(record: ControlRecord, signal: AbortSignal): Promise<number> {
    const { plan, clock } = this.#options
    const nowInMs = clock.now()
    const devices = this.#book.listed
    const state = initialState(plan, { devices, nowInMs })
    await this.#session.write({ ...record, state }, [{ type: 'begun', devices: devices.length }], signal)
    return 0
  }

  async #goOn(record: ControlRecord, state: RolloutState, signal: AbortSignal): Promise<number | undefined> {
    const { plan, clock, listener } = this.#options
    const nowInMs = clock.now()
    const devices = this.#book.judge(state, nowInMs)
    const counts = countOutcomes(devices, 0, 1)
    listener.onCounts(counts)
    const start = this.#startOf(state)
    const allowance = this.#pacer.allowance(nowInMs, counts.succeeded, start.blocks)
    const step = decide(plan, state, { devices, nowInMs, allowance })
    if (step.state !== state || this.#session.isRenewalDue) {
      const events: readonly AuditEvent[] = step.decisions
      await this.#session.write({ ...record, state: step.state, counts }, events, signal)
      return 0
    }
    if (state.phase === 'over') return this.#finish(state)
    this.#pacer.started(nowInMs, step.start.length)
    for (const device of step.start) void this.#startOne(device, start, state)
    return counts.untouched > 0 && step.start.length >= allowance ? busyTickInMs : this.#idleTickInMs
  }

  get #idleTickInMs(): number {
    return Math.min(longestIdleTickInMs, this.#options.observeIntervalInMs)
  }

  /** Asks for the next look at the fleet, beside the steps: a look may take minutes. */
  #look(): void {
    const { clock } = this.#options
    if (this.#observing !== undefined || clock.now() < this.#lookAtInMs) return
    this.#observing = this.#lookOnce().finally(() => {
      this.#observing = undefined
      this.#wake?.()
    })
  }

  async #lookOnce(): Promise<void> {
    const { clock, budget, observeIntervalInMs, listener } = this.#options
    const beganAtInMs = clock.now()
    let queries = 0
    try {
      queries = await this.#observer.look()
    } catch (error) {
      if (!this.#abort.signal.aborted) listener.onTrouble(error)
    }
    // Queries are few: while little happens some are saved, for when many devices finish. One page of them needs no saving.
    const isSmall = this.#book.size <= devicesPerPage
    const largeSpread = queries === 1 ? 3 : 1
    const spread = isSmall ? 0 : largeSpread
    const dueInMs = (spread * queries * 1_000) / budget.of('query').rate(clock.now())
    this.#lookAtInMs = Math.max(clock.now() + observeIntervalInMs, beganAtInMs + dueInMs)
  }

  /** What was aborted is also ended on the devices; then there is nothing more to do. */
  #finish({ ending, leg, attempt }: RolloutState): number | undefined {
    if (ending !== 'aborted') return undefined
    const open = this.#book.open.filter(deviceId => !this.#cancelled.has(deviceId))
    for (const deviceId of open) {
      this.#cancelled.add(deviceId)
      const operationId =
        this.#book.get(deviceId)?.record?.operationId ?? operationIdOf(this.#options.plan, leg, attempt)
      void this.#cancelOne(deviceId, operationId)
    }
    return open.length === 0 ? undefined : this.#idleTickInMs
  }

  async #cancelOne(deviceId: string, operationId: string): Promise<void> {
    try {
      await cancelOperationOnDevice(this.#hub, deviceId, operationId, { abortSignal: this.#abort.signal })
    } catch (error) {
      // It is over already, past the point of no return, or out of reach, where it expires.
      if (!this.#abort.signal.aborted && isHubError(error)) this.#options.listener.onTrouble(error)
    }
  }

  async #startOne({ deviceId }: RolloutDevice, start: Start, { leg, attempt }: RolloutState): Promise<void> {
    const { clock, listener } = this.#options
    const book = this.#book
    const options = { abortSignal: this.#abort.signal }
    book.start(deviceId, leg, attempt, clock.now())
    if (attempt > 1 && (await this.#isAhead(deviceId, start))) return
    if (!this.#mayStart(leg, attempt)) return book.decline(deviceId, leg, attempt, undefined)
    const result = await startDevice({ hub: this.#hub, clock }, deviceId, start, options)
    switch (result.type) {
      case 'begun':
        return book.answer(deviceId, result.record)
      case 'unknown':
        return
      case 'declined':
        return book.decline(deviceId, leg, attempt, result.declined)
      case 'postponed':
        book.decline(deviceId, leg, attempt, undefined)
        if (!this.#abort.signal.aborted) listener.onTrouble(result.error)
    }
  }

  /** Whether the lease is still held, and nobody has closed the rollout since the start was decided. */
  #mayStart(leg: RolloutState['leg'], attempt: number): boolean {
    const state = this.#session.state
    if (!this.#session.mayAct || state === undefined || state.hold !== undefined) return false
    return state.phase !== 'over' && state.leg === leg && state.attempt === attempt
  }

  /** Whether a device has something newer of the rollout than the queries have shown: a try that has not failed is not repeated. */
  async #isAhead(deviceId: string, { operationId }: Start): Promise<boolean> {
    const { plan, clock } = this.#options
    try {
      const { reported } = await this.#hub.getTwin(deviceId, { abortSignal: this.#abort.signal })
      const sighting = sightingOf(plan, deviceId, reported)
      this.#book.read(sighting, clock.now())
      const { record } = sighting
      return (
        record?.operationId.startsWith(`${plan.rolloutId}.`) === true &&
        record.state !== 'failed' &&
        record.operationId !== operationId
      )
    } catch {
      return false
    }
  }

  #startOf({ leg, attempt }: RolloutState): Start {
    const { plan, definition, secrets } = this.#options
    if (this.#start?.operationId !== operationIdOf(plan, leg, attempt)) {
      this.#start = prepareStart(plan, definition, secrets, leg, attempt)
    }
    return this.#start
  }

  #isOver({ state }: ControlRecord): boolean {
    return state?.phase === 'over' && state.ending !== 'aborted'
  }

  async #pause(pauseInMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    const onAbort = () => woken.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    await delay(this.#options.clock, pauseInMs, woken.signal).catch(() => {})
    signal.removeEventListener('abort', onAbort)
    this.#wake = undefined
  }
}
