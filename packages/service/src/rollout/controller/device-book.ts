import type { OperationRecord } from '@iothub-dm/protocol'
import type { RolloutState } from '../decision/rollout-state.ts'
import type { RolloutDevice } from '../decision/tally.ts'
import { cohortOf } from '../plan/cohort.ts'
import type { Leg } from '../plan/operation-id.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import { type Declined, type DeviceEntry, isTouched, judgeEntry, see, takeAnswer } from './device-entry.ts'
import type { Sighting } from './rollout-queries.ts'

/** Time between two looks at what time alone changes, in milliseconds. */
const timedIntervalInMs = 5_000

/** All devices of a rollout, as its controller knows them: in the order of their cohorts, each with its outcome. */
export class DeviceBook {
  readonly #plan: RolloutPlan
  readonly #excluded: ReadonlySet<string>
  readonly #entries = new Map<string, DeviceEntry>()
  /** In the order of cohorts. */
  #order: readonly DeviceEntry[] = []
  #places = new Map<DeviceEntry, number>()
  #devices: RolloutDevice[] = []
  /** What the devices were last judged by. */
  #judgedBy = ''
  /** Those whose outcome may have changed, and those whose outcome changes with time. */
  readonly #changed = new Set<DeviceEntry>()
  readonly #timed = new Set<DeviceEntry>()
  readonly #unheard = new Set<DeviceEntry>()
  #timedAtInMs = Number.NEGATIVE_INFINITY

  constructor(plan: RolloutPlan) {
    this.#plan = plan
    this.#excluded = new Set(plan.excluded)
  }

  /** Takes the devices that there are; what is known of those that are still there is kept. */
  replace(sightings: readonly Sighting[], nowInMs: number): void {
    const seen = new Set<string>()
    for (const sighting of sightings) {
      if (this.#excluded.has(sighting.deviceId)) continue
      seen.add(sighting.deviceId)
      see(this.#entryOf(sighting.deviceId), this.#plan, sighting, nowInMs)
    }
    for (const [deviceId, entry] of this.#entries) {
      if (!seen.has(deviceId) && !isTouched(entry)) this.#entries.delete(deviceId)
    }
    this.#order = [...this.#entries.values()].toSorted((left, right) => left.cohort - right.cohort)
    this.#places = new Map(this.#order.map((entry, index) => [entry, index]))
    this.#judgedBy = ''
  }

  /** Takes in what was seen of a device; one that is not in the book is left out until the next listing. */
  see(sighting: Sighting, nowInMs: number): void {
    this.#change(sighting.deviceId, entry => see(entry, this.#plan, sighting, nowInMs))
  }

  /** Notes that the twin of a device was read. */
  read(sighting: Sighting, nowInMs: number): void {
    this.#change(sighting.deviceId, entry => {
      see(entry, this.#plan, sighting, nowInMs)
      entry.readAtInMs = nowInMs
    })
  }

  start(deviceId: string, leg: Leg, attempt: number, nowInMs: number): void {
    this.#change(deviceId, entry => {
      entry.started = { leg, attempt, atInMs: nowInMs }
      entry.declined = undefined
      entry.readAtInMs = nowInMs
    })
  }

  answer(deviceId: string, record: OperationRecord): void {
    this.#change(deviceId, entry => takeAnswer(entry, this.#plan, record))
  }

  /** Notes that a start came to nothing; without a reason, it may be tried again at once. */
  decline(deviceId: string, leg: Leg, attempt: number, declined: Declined | undefined): void {
    this.#change(deviceId, entry => {
      entry.started = undefined
      entry.declined = declined === undefined ? undefined : { leg, attempt, ...declined }
    })
  }

  get(deviceId: string): DeviceEntry | undefined {
    return this.#entries.get(deviceId)
  }

  get size(): number {
    return this.#order.length
  }

  /** All devices, before any of them is judged. */
  get listed(): readonly RolloutDevice[] {
    return this.#order.map(({ deviceId, cohort }) => ({ deviceId, cohort, outcome: 'untouched' }))
  }

  /** Devices that would be silent, if nothing is found in their twins. */
  get unheard(): readonly string[] {
    return [...this.#unheard].map(({ deviceId }) => deviceId)
  }

  /** Devices that are at work, as they were last judged. */
  get open(): readonly string[] {
    const open: string[] = []
    for (const entry of this.#timed) if (this.#outcomeOf(entry) === 'open') open.push(entry.deviceId)
    return open
  }

  /** The devices with their outcomes, as of now. The array is used again by the next call. */
  judge(state: RolloutState, nowInMs: number): readonly RolloutDevice[] {
    const judgedBy = `${state.leg} ${state.attempt}`
    if (judgedBy === this.#judgedBy) {
      for (const entry of this.#changed) this.#judgeOne(entry, state, nowInMs)
      if (nowInMs - this.#timedAtInMs >= timedIntervalInMs) {
        this.#timedAtInMs = nowInMs
        for (const entry of this.#timed) this.#judgeOne(entry, state, nowInMs)
      }
    } else {
      this.#judgedBy = judgedBy
      this.#timed.clear()
      this.#unheard.clear()
      this.#devices = [...this.listed]
      for (const entry of this.#order) this.#judgeOne(entry, state, nowInMs)
    }
    this.#changed.clear()
    // What was never started has nothing to undo.
    return state.leg === 'forward' ? this.#devices : this.#devices.filter(({ deviceId }) => this.#isTouched(deviceId))
  }

  #judgeOne(entry: DeviceEntry, state: RolloutState, nowInMs: number): void {
    const place = this.#places.get(entry)
    if (place === undefined) return
    const { outcome, isToBeRead } = judgeEntry(entry, this.#plan, state, nowInMs)
    if (this.#devices[place]?.outcome !== outcome) {
      this.#devices[place] = { deviceId: entry.deviceId, cohort: entry.cohort, outcome }
    }
    if (outcome === 'open' || outcome === 'unreachable') this.#timed.add(entry)
    else this.#timed.delete(entry)
    if (isToBeRead) this.#unheard.add(entry)
    else this.#unheard.delete(entry)
  }

  #outcomeOf(entry: DeviceEntry): RolloutDevice['outcome'] | undefined {
    const place = this.#places.get(entry)
    return place === undefined ? undefined : this.#devices[place]?.outcome
  }

  #isTouched(deviceId: string): boolean {
    const entry = this.#entries.get(deviceId)
    return entry !== undefined && isTouched(entry)
  }

  #entryOf(deviceId: string): DeviceEntry {
    const known = this.#entries.get(deviceId)
    if (known !== undefined) return known
    const cohort = cohortOf(deviceId, this.#plan.rolloutId)
    const entry = { deviceId, cohort, version: -1, readAtInMs: Number.NEGATIVE_INFINITY }
    this.#entries.set(deviceId, entry)
    return entry
  }

  #change(deviceId: string, change: (entry: DeviceEntry) => void): void {
    const entry = this.#entries.get(deviceId)
    if (entry === undefined) return
    change(entry)
    this.#changed.add(entry)
  }
}
