import { ManualClock } from '@iothub-dm/local-hub'
import { defineContract, factoryReset, type JsonObject, type OperationRecord } from '@iothub-dm/protocol'
import { type FactoryResetHooks, factoryResetWith } from '../src/factory-reset/factory-reset-with.ts'
import { fileSurvivalStore } from '../src/factory-reset/survival-store.ts'
import { implement } from '../src/implementation/implement.ts'
import type { FileSystem, WritableFile } from '../src/journal/file-system.ts'
import { SimulatedDisk } from './journal/simulated-disk.ts'
import { type SimulatedLife, startLife } from './simulated-life.ts'

/** How a {@link FactoryResetWorld} is made. */
export interface FactoryResetWorldOptions {
  /** Whether the wipe takes the state directory too. */
  readonly wipesState: boolean
  /** The point of the first life at which the process dies; 0: none. Every call that changes a disk has one before and one after it. */
  readonly killAt?: number | undefined
  readonly hooks?: Partial<FactoryResetHooks> | undefined
}

/** Test support: a device with a disk that a factory reset wipes and one that it leaves alone, and its lives. */
export class FactoryResetWorld {
  readonly disk = new SimulatedDisk()
  readonly spared = new SimulatedDisk()
  readonly clock = new ManualClock(0)
  /** What the user has on the device. */
  data: string | undefined = 'holiday.jpg'
  /** The attempts of the wipe hook. */
  readonly wipes: number[] = []
  restarts = 0
  lives = 0
  boot = 1
  /** Points that were passed so far. */
  points = 0
  killed = false
  #restarting = false
  readonly #options: FactoryResetWorldOptions

  constructor(options: FactoryResetWorldOptions) {
    this.#options = options
  }

  /** Starts the next life and goes on with what is unfinished; one that is left behind was killed. */
  async live(): Promise<SimulatedLife> {
    this.lives += 1
    if (this.#restarting) this.boot += 1
    this.#restarting = false
    const life = await startLife({
      implementation: implement(contract, { actions: { factoryReset: factoryResetWith(this.#hooks()) } }),
      fileSystem: this.#killing(this.disk),
      survivalStore: fileSurvivalStore('/spared/survival', this.#killing(this.spared)),
      clock: this.clock,
      bootId: `boot-${this.boot}`,
    })
    life.manager.resume()
    return life
  }

  /** Whether this life is over: its process was killed, or the device restarts. */
  get lifeIsOver(): boolean {
    return this.#restarting || (this.killed && this.lives === 1)
  }

  /**
   * Asks for the operation `op` in a life, as a back end does that tries until it is taken; resolves when it is over or the life
   * is.
   */
  async reset(life: SimulatedLife, request: JsonObject): Promise<OperationRecord | undefined> {
    const asked = this.#ask(life, request)
    for (;;) {
      const record = life.store.get('op')?.record
      if (this.lifeIsOver) return undefined
      if (record !== undefined && ['succeeded', 'failed'].includes(record.state)) {
        await asked
        return record
      }
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  async #ask(life: SimulatedLife, request: JsonObject): Promise<void> {
    if (life.store.get('op') !== undefined) return
    const { payload } = await life.begin('factoryReset', { ...request, arm: true })
    await life.begin('factoryReset', { ...request, operationId: 'op', token: tokenOf(payload) })
  }

  #hooks(): FactoryResetHooks {
    return {
      wipe: async (_, { attempt }) => {
        this.#point()
        this.wipes.push(attempt)
        this.data = undefined
        if (this.#options.wipesState) {
          for (const name of await this.disk.readDirectory()) await this.disk.unlink(name)
        }
        if (this.#isDead()) await forever()
      },
      restart: () => {
        this.restarts += 1
        this.#restarting = true
      },
      verify: () => this.data === undefined,
      ...this.#options.hooks,
    }
  }

  #isDead(): boolean {
    return this.killed && this.lives === 1
  }

  /** A power cut takes the process with the device: the next life is another boot. */
  cutPower(): void {
    this.#restarting = true
  }

  #point(): void {
    if (this.lives > 1) return
    this.points += 1
    if (this.points === this.#options.killAt) this.killed = true
  }

  /** A file system whose calls never end once the process is dead. */
  #killing(disk: SimulatedDisk): FileSystem {
    const ofLife = this.lives
    const guarded = async <TResult>(act: () => Promise<TResult>): Promise<TResult> => {
      if (ofLife !== this.lives) return forever()
      this.#point()
      if (this.#isDead()) return forever()
      const result = await act()
      this.#point()
      return this.#isDead() ? forever() : result
    }
    const file = (inner: WritableFile): WritableFile => ({
      write: bytes => guarded(() => inner.write(bytes)),
      sync: () => guarded(() => inner.sync()),
      close: () => inner.close(),
    })
    return {
      createDirectory: () => disk.createDirectory(),
      readFile: path => disk.readFile(path),
      readDirectory: () => disk.readDirectory(),
      createFile: async path => file(await guarded(() => disk.createFile(path))),
      rename: (from, to) => guarded(() => disk.rename(from, to)),
      unlink: path => guarded(() => disk.unlink(path)),
      syncDirectory: path => guarded(() => disk.syncDirectory(path)),
    }
  }
}

const contract = defineContract({ actions: { factoryReset } })

/** The token in the answer of a device that is armed. */
export function tokenOf(payload: unknown): string {
  if (typeof payload === 'object' && payload !== null && 'token' in payload && typeof payload.token === 'string') {
    return payload.token
  }
  throw new TypeError(`no token in ${JSON.stringify(payload)}`)
}

function forever(): Promise<never> {
  return new Promise(() => {})
}
