import { ManualClock } from '@iothub-dm/local-hub'
import { applyMergePatch, type JsonObject, type JsonValue, type WireAnswer } from '@iothub-dm/protocol'
import { sleep } from '../src/agent/sleep.ts'
import type { DesiredNews } from '../src/configuration/desired-follower.ts'
import type { Implementation } from '../src/implementation/implement.ts'
import type { FileSystem } from '../src/journal/file-system.ts'
import { DesiredLane } from '../src/lanes/desired-lane.ts'
import { desiredSections } from '../src/lanes/desired-section.ts'
import { operationsPart } from '../src/reporting/operations-part.ts'
import { SimulatedDisk } from './journal/simulated-disk.ts'
import { type LifeOptions, type SimulatedLife, startLife } from './simulated-life.ts'

/** Options of {@link LaneBench.start}. */
export interface LaneBenchOptions extends Pick<LifeOptions, 'operations' | 'gate'> {
  readonly implementation: Implementation
  readonly disk?: FileSystem | undefined
}

/** A device with both lanes, and the twin at its hub. It can be killed and started again; the twin stays. */
export class LaneBench {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1))
  readonly errors: unknown[] = []
  desired: JsonObject = {}
  desiredVersion = 1
  reported: JsonObject = {}
  disk: FileSystem
  readonly #options: LaneBenchOptions
  #life: SimulatedLife | undefined
  #lane: DesiredLane | undefined

  private constructor(options: LaneBenchOptions) {
    this.#options = options
    this.disk = options.disk ?? new SimulatedDisk()
  }

  /** Starts a device that has read its twin. */
  static async start(options: LaneBenchOptions): Promise<LaneBench> {
    const bench = new LaneBench(options)
    await bench.restart()
    return bench
  }

  get life(): SimulatedLife {
    if (this.#life === undefined) throw new TypeError('no life')
    return this.#life
  }

  /** Starts a life on the same disk; the one before is left behind, as if it was killed. It has not read its twin yet. */
  async boot(): Promise<void> {
    const { implementation, operations, gate } = this.#options
    const { clock, disk: fileSystem } = this
    void this.#lane?.close()
    const life = await startLife({ implementation, clock, fileSystem, operations, gate })
    this.#life = life
    this.#lane = new DesiredLane({
      sections: desiredSections(implementation),
      operations: life.manager,
      store: life.store,
      notes: life.notes,
      clock,
      flushReports: async () => this.report(),
      onError: error => this.errors.push(error),
    })
    life.manager.resume()
  }

  /** Starts a life that reads its twin. */
  async restart(): Promise<void> {
    await this.boot()
    await this.read()
  }

  /** The service writes desired properties; nobody has told the device yet. */
  write(patch: JsonObject): DesiredNews {
    this.desired = applyMergePatch(this.desired, patch)
    this.desiredVersion += 1
    return { kind: 'patch', desired: { properties: this.desired, version: this.desiredVersion }, patch }
  }

  /** The service writes desired properties, the device hears of it, and everything that follows happens. */
  async change(patch: JsonObject): Promise<void> {
    await this.tell(this.write(patch))
  }

  /** The device hears of desired properties. */
  async tell(news: DesiredNews): Promise<void> {
    this.#lane?.desiredChanged(news)
    await this.settled()
  }

  /** The device reads its twin. */
  async read(): Promise<void> {
    const { desired: properties, desiredVersion: version, reported } = this
    await this.tell({ kind: 'read', desired: { properties, version }, reported })
  }

  /** Calls the direct method of an action. */
  async call(action: string, payload: JsonValue): Promise<WireAnswer> {
    const answer = await this.life.begin(action, payload)
    await this.settled()
    return answer
  }

  async advance(timeInMs: number): Promise<void> {
    this.clock.advance(timeInMs)
    await this.settled()
  }

  /** Lets time pass, minute by minute, for those who look at the clock again and again. */
  async pass(timeInMs: number): Promise<void> {
    for (let restInMs = timeInMs; restInMs > 0; restInMs -= 60_000) await this.advance(Math.min(restInMs, 60_000))
  }

  /** Waits on the clock of the bench. */
  readonly sleep = (delayInMs: number, signal: AbortSignal): Promise<void> => sleep(this.clock, delayInMs, signal)

  /** Lets all that is ready happen, and reports it. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) {
      await this.#lane?.settled()
      await new Promise(resolve => setImmediate(resolve))
    }
    await this.report()
  }

  /** Brings the hub in step. */
  async report(): Promise<void> {
    const { store } = this.life
    const part = operationsPart({
      actions: this.#options.implementation.contract.actions,
      operations: () => store.newest(),
      onReported: async operationId => {
        await store.record({ type: 'reported', operationId })
      },
    })
    const draft = part.draft(this.reported)
    this.reported = applyMergePatch(this.reported, draft.patches[0] ?? {})
    await draft.confirm()
  }

  /** Ends the life in good order. */
  async close(): Promise<void> {
    await this.#lane?.close()
    await this.life.close()
  }
}
