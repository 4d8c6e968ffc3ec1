import { setImmediate } from 'node:timers/promises'
import { configuration, defineContract, encodeRefusal, isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import type { Scheduler } from 'fast-check'
import * as v from 'valibot'
import type { Clock } from '../src/clock/clock.ts'
import { FleetClient } from '../src/fleet/fleet-client.ts'
import { HubError } from '../src/hub/hub-error.ts'
import type { HubJob } from '../src/hub/iot-hub.ts'
import { FleetTracker } from '../src/tracking/fleet-tracker.ts'
import { camera } from './camera.ts'
import { reporting } from './reporting.ts'
import { SimulatedHub } from './simulated-hub.ts'

export const racingContract = defineContract({
  methods: camera.methods,
  actions: camera.actions,
  configurations: { telemetry: configuration(v.object({ every: v.number() })) },
})

/** Timers that go off in any order, and time that passes with them. */
class RacingClock implements Clock {
  #nowInMs = Date.UTC(2026, 0, 1)
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  now(): number {
    return this.#nowInMs
  }

  setTimeout(callback: () => void, delayInMs: number): () => void {
    const dueAtInMs = this.#nowInMs + delayInMs
    let isCancelled = false
    const goOff = async (): Promise<void> => {
      await this.#scheduler.schedule(Promise.resolve(), 'timer')
      if (isCancelled) return
      this.#nowInMs = Math.max(this.#nowInMs, dueAtInMs)
      callback()
    }
    void goOff()
    return () => {
      isCancelled = true
    }
  }
}

const failures = [
  new HubError('DeviceOffline', 'away', { retryable: true }),
  new HubError('DeviceTimeout', 'no answer', { retryable: true, outcomeUnknown: true }),
  new HubError('Throttled', 'slower', { retryable: true, retryAfterInMs: 1_000 }),
  new HubError('Unauthorized', 'no', {}),
]

/** A fleet whose calls and timers end in any order, and in any way. */
export class RacingFleet {
  readonly hub: SimulatedHub
  readonly clock: RacingClock
  readonly fleet: FleetClient<typeof racingContract>
  readonly #scheduler: Scheduler
  readonly #outcomes: readonly number[]
  #calls = 0

  /** @param outcomes what becomes of the calls: 0 to 3 fails, 4 is refused, everything else is good */
  constructor(scheduler: Scheduler, outcomes: readonly number[]) {
    this.#scheduler = scheduler
    this.#outcomes = outcomes
    this.clock = new RacingClock(scheduler)
    this.hub = new SimulatedHub(this.clock)
    this.hub.onRead = () => this.#answer('read', () => this.#reported())
    this.hub.onPatch = () => this.#answer('write', () => {})
    this.hub.onQuery = () =>
      this.#answer('query', () => ({ rows: [{ deviceId: 'cam-1' }], continuation: this.#more() }))
    this.hub.onGetJob = () => this.#answer('job', () => this.#job())
    this.hub.onCall = ({ methodName, payload }) =>
      this.#answer('call', () => {
        if (this.#outcome() === 4) return encodeRefusal({ code: 'NotReady', message: 'starting' })
        if (methodName === 'ping') return { status: 200, payload: null }
        const operationId = isJsonObject(payload) ? (payload.operationId ?? null) : null
        return { status: 202, payload: { operationId, state: 'running' } }
      })
    let operations = 0
    this.fleet = new FleetClient(racingContract, {
      hub: this.hub,
      clock: this.clock,
      tracker: new FleetTracker(this.hub, this.clock, {
        pollIntervalInMs: 1_000,
        maxPolledDevices: 1,
        queriesPerMinute: 10,
        readsPerSecond: 10,
        random: () => 0.5,
      }),
      newId: () => {
        operations += 1
        return `op-${operations}`
      },
      random: () => 0.5,
    })
  }

  /** Lets at most so many calls and timers end. */
  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await setImmediate()
      if (this.#scheduler.count() === 0) return
      await this.#scheduler.waitOne()
    }
    await setImmediate()
  }

  async #answer<TValue>(what: string, make: () => TValue): Promise<TValue> {
    this.#calls += 1
    await this.#scheduler.schedule(Promise.resolve(), what)
    const failure = failures[this.#outcome()]
    if (failure !== undefined) throw failure
    return make()
  }

  #outcome(): number {
    return this.#outcomes[this.#calls % this.#outcomes.length] ?? 9
  }

  #more(): string | undefined {
    return this.#calls % 3 === 0 ? undefined : 'more'
  }

  #job(): HubJob {
    const status = this.#calls % 4 === 0 ? 'completed' : 'running'
    const none = { startTime: undefined, endTime: undefined, failureReason: undefined, deviceCounts: undefined }
    return { jobId: 'job-1', type: 'scheduleDeviceMethod', status, ...none }
  }

  #reported(): JsonObject {
    const step = this.#calls % 8
    if (step === 0) return {}
    const operationId = step === 1 ? 'op-0' : 'op-1'
    const report = reporting(
      'calibrate',
      step < 5 ? { operationId, state: 'running', percent: step } : ended(operationId),
    )
    return { ...report, telemetry: { value: { every: 5 }, ac: 200, av: step }, $version: this.#calls }
  }
}

function ended(operationId: string): Parameters<typeof reporting>[1] {
  return { operationId, state: 'succeeded', result: { offset: 1 } }
}
