import { ManualClock } from '@iothub-dm/local-hub'
import { action, defineContract, isTerminalState, type JsonValue, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { type Implementation, implement } from '../../src/implementation/implement.ts'
import { SimulatedDisk } from '../journal/simulated-disk.ts'
import { type SimulatedLife, startLife, until } from '../simulated-life.ts'

const path = '/state/journal'
const hourInMs = 3_600_000
const startInMs = Date.UTC(2026, 0, 1)

const contract = defineContract({
  actions: {
    reboot,
    later: action(),
    work: action({
      request: v.object({ fails: v.boolean() }),
      phases: ['warming', 'measuring'],
      result: v.object({ warm: v.number(), measured: v.string() }),
      errors: ['sensorFault'],
    }),
  },
})

/** What the handlers do to the world, and whether the device restarts. */
interface World {
  readonly effects: string[]
  restarting: boolean
}

function handlersIn(world: World): Implementation {
  const restart = () => {
    world.effects.push('restart')
    world.restarting = true
  }
  return implement(contract, {
    actions: {
      reboot: op => op.restart(restart),
      later: async op => {
        await op.deferUntil(new Date(startInMs + hourInMs / 2), 'not now')
        await op.pointOfNoReturn()
        await op.step('go', () => void world.effects.push('go'))
      },
      work: async op => {
        op.phase('warming')
        const warm = await op.step('warm', ({ attempt }) => {
          world.effects.push(`warm ${attempt}`)
          return 21
        })
        await op.restart(restart)
        op.phase('measuring')
        const measured = await op
          .step('measure', () => void world.effects.push('measure'), { repeat: 'never' })
          .then(() => 'now')
          .catch(() => 'interrupted')
        if (op.request.fails) op.fail('sensorFault', 'the sensor is silent')
        return { warm, measured }
      },
    },
  })
}

/** A device with a disk, whose lives follow each other. */
class GoldenDevice {
  readonly world: World = { effects: [], restarting: false }
  readonly #disk: SimulatedDisk
  readonly #clock: ManualClock
  #boot: number

  constructor(disk: SimulatedDisk, options: { readonly boot: number; readonly nowInMs: number }) {
    this.#disk = disk
    this.#boot = options.boot
    this.#clock = new ManualClock(options.nowInMs)
  }

  passTime(durationInMs: number): void {
    this.#clock.advance(durationInMs)
  }

  async live(): Promise<SimulatedLife> {
    this.world.restarting = false
    const bootId = `boot-${this.#boot++}`
    const life = await startLife({
      implementation: handlersIn(this.world),
      fileSystem: this.#disk,
      clock: this.#clock,
      bootId,
    })
    life.manager.resume()
    return life
  }

  /** Lives until everything is over, through every restart. */
  async finish(): Promise<SimulatedLife> {
    for (;;) {
      const life = await this.live()
      await until(() => this.world.restarting || life.store.unfinished().length === 0)
      if (!this.world.restarting) return life
    }
  }
}

async function begin(device: GoldenDevice, name: string, payload: JsonValue): Promise<void> {
  const life = await device.live()
  await life.begin(name, payload)
  await until(() => device.world.restarting)
}

const scenarios: Readonly<Record<string, (device: GoldenDevice) => Promise<void>>> = {
  /** An operation from its acceptance through a restart to its success, which the hub confirms. */
  async succeeded(device) {
    await begin(device, 'work', { operationId: 'work-1', fails: false })
    const { store } = await device.finish()
    await store.record({ type: 'reported', operationId: 'work-1' })
  },
  /** One that failed, and one that waited and was cancelled. */
  async unsuccessful(device) {
    await begin(device, 'work', { operationId: 'work-1', fails: true })
    const life = await device.finish()
    await life.begin('reboot', { operationId: 'reboot-1', delaySeconds: 60 })
    await until(() => life.state('reboot-1') === 'waiting')
    await life.manager.cancel('reboot-1')
    await until(() => life.state('reboot-1') === 'cancelled')
  },
  /** One that put itself off, and then passed its point of no return. (Since 0.2.0.) */
  async deferred(device) {
    const life = await device.live()
    await life.begin('later', { operationId: 'later-1' })
    await until(() => life.state('later-1') === 'waiting')
    await life.close()
    device.passTime(hourInMs)
    await device.finish()
  },
  /** What compaction leaves of two that are over, beside one that is under way. */
  async compacted(device) {
    await begin(device, 'work', { operationId: 'work-1', fails: true })
    const { store } = await device.finish()
    await store.record({ type: 'reported', operationId: 'work-1' })
    await begin(device, 'reboot', { operationId: 'reboot-1' })
    await device.finish()
    await begin(device, 'work', { operationId: 'work-2', fails: false })
  },
}

/** The histories that golden files hold. */
export const scenarioNames: readonly string[] = Object.keys(scenarios)

/** Lives a history, and gives back the journal that it has left. */
export async function recordScenario(name: string): Promise<Uint8Array> {
  const disk = new SimulatedDisk()
  await scenarios[name]?.(new GoldenDevice(disk, { boot: 1, nowInMs: startInMs }))
  return (await disk.readFile(path)) ?? new Uint8Array()
}

/** How a device that goes on from a journal ends. */
export interface Replay {
  /** By operation: how it ended, with the code of its error or its result. */
  readonly outcomes: Readonly<Record<string, JsonValue>>
  /** What the handlers did to the world meanwhile. */
  readonly effects: readonly string[]
}

/**
 * Goes on from a journal, one hour later and in another boot, until everything is over.
 *
 * @throws whatever opening the journal throws
 */
export async function replay(journal: Uint8Array): Promise<Replay> {
  const disk = new SimulatedDisk({ image: new Map([['journal', journal]]) })
  const device = new GoldenDevice(disk, { boot: 8, nowInMs: startInMs + hourInMs })
  const { store } = await device.finish()
  const outcomes: Record<string, JsonValue> = {}
  for (const operationId of ['reboot-1', 'work-1', 'work-2', 'later-1']) {
    const log = store.get(operationId)
    if (log === undefined || !isTerminalState(log.record.state)) continue
    const { state, error, result } = log.record
    outcomes[operationId] = [state, error?.code ?? result ?? null]
  }
  return { outcomes, effects: device.world.effects }
}

/** A journal that ends after each of its lines in turn: in every phase of its history. */
export function* phasesOf(journal: Uint8Array): Generator<Uint8Array> {
  for (let end = journal.indexOf(0x0a) + 1; end > 0; end = journal.indexOf(0x0a, end) + 1) {
    yield journal.subarray(0, end)
  }
}
