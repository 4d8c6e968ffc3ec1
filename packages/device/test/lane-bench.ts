import { ManualClock } from '@iothub-dm/local-hub'
import { applyMergePatch, type JsonObject, type JsonValue, type WireAnswer } from '@iothub-dm/protocol'
import { sleep } from '../src/agent/sleep.ts'
import { DesiredFollower } from '../src/configuration/desired-follower.ts'
import type { DesiredPatch } from '../src/configuration/desired-state.ts'
import type { Implementation } from '../src/implementation/implement.ts'
import { DesiredLane } from '../src/lanes/desired-lane.ts'
import { desiredSections } from '../src/lanes/desired-section.ts'
import { operationsPart } from '../src/reporting/operations-part.ts'
import { SimulatedDisk } from './journal/simulated-disk.ts'
import { type LifeOptions, type SimulatedLife, startLife } from './simulated-life.ts'

/** Options of {@link LaneBench.start}. */
export interface LaneBenchOptions extends Pick<LifeOptions, 'operations' | 'gate'> {
  readonly implementation: Implementation
  readonly disk?: SimulatedDisk | undefined
  /** What the twin holds at first. */
  readonly desired?: JsonObject | undefined
  readonly desiredVersion?: number | undefined
  readonly reported?: JsonObject | undefined
}

/** A device with both lanes, and the twin at its hub. It can be killed and started again; the twin stays. */
export class LaneBench {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1))
  readonly errors: unknown[] = []
  desired: JsonObject
  desiredVersion: number
  reported: JsonObject
  disk: SimulatedDisk
  readonly #options: LaneBenchOptions
  #life: SimulatedLife | undefined
  #lane: DesiredLane | undefined
  #follower: DesiredFollower | undefined
  #readWanted = false

  private constructor(options: LaneBenchOptions) {
    this.#options = options
    this.disk = options.disk ?? new SimulatedDisk()
    this.desired = options.desired ?? {}
    this.desiredVersion = options.desiredVersion ?? 1
    this.reported = options.reported ?? {}
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

  /** Starts a life on the same disk, as if the one before was killed. It has not read its twin yet. */
  async boot(): Promise<void> {
    const { implementation, operations, gate } = this.#options
    if (this.#life !== undefined) {
      // A process that was killed neither writes any more nor begins anything.
      this.disk = await copyOf(this.disk)
      void this.#lane?.close()
      void this.#life.manager.close()
    }
    const { clock, disk: fileSystem } = this
    const life = await startLife({ implementation, clock, fileSystem, operations, gate })
    this.#life = life
    const lane = new DesiredLane({
      sections: desiredSections(implementation),
      operations: life.manager,
      store: life.store,
      notes: life.notes,
      clock,
      flushReports: async () => this.report(),
      onError: error => this.errors.push(error),
    })
    this.#lane = lane
    this.#follower = new DesiredFollower({
      readTwin: () => {
        this.#readWanted = true
      },
      onNews: news => lane.desiredChanged(news),
    })
    life.manager.resume()
  }

  /** Starts a life that reads its twin. */
  async restart(): Promise<void> {
    await this.boot()
    await this.read()
  }

  /** The service writes desired properties; nobody has told the device yet. */
  write(patch: JsonObject): DesiredPatch {
    this.desired = applyMergePatch(this.desired, patch)
    this.desiredVersion += 1
    return { patch, version: this.desiredVersion }
  }

  /** The service writes desired properties, the device hears of it, and everything that follows happens. */
  async change(patch: JsonObject): Promise<void> {
    this.deliver(this.write(patch))
    await this.settled()
  }

  /** A patch of the desired properties reaches the device. */
  deliver({ patch, version }: DesiredPatch): void {
    this.#follower?.patchReceived(patch, version)
  }

  /** A session begins, and the device reads its twin. */
  async read(): Promise<void> {
    this.#follower?.sessionBegan()
    this.readTwin()
    await this.settled()
  }

  /** The device reads its twin. */
  readTwin(): void {
    const { desired, desiredVersion, reported } = this
    this.#follower?.readBegan()
    this.#follower?.readEnded({ desired, desiredVersion, reported, reportedVersion: 1 })
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
      if (this.#readWanted) {
        this.#readWanted = false
        this.readTwin()
      }
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
      operations: () => store.shown(),
      onReported: async operationId => {
        await store.record({ type: 'reported', operationId })
      },
    })
    const draft = part.draft(this.reported)
    this.reported = applyMergePatch(this.reported, draft.patches[0] ?? {})
    await draft.confirm(draft.patches[0])
  }

  /** Ends the life in good order. */
  async close(): Promise<void> {
    await this.#lane?.close()
    await this.life.close()
  }
}

async function copyOf(disk: SimulatedDisk): Promise<SimulatedDisk> {
  const names = await disk.readDirectory()
  const files = await Promise.all(names.map(async name => [name, await disk.readFile(name)] as const))
  return new SimulatedDisk({ image: new Map(files.flatMap(([name, bytes]) => (bytes ? [[name, bytes]] : []))) })
}
