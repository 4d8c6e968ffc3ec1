import {
  type ActionDefinition,
  type Contract,
  decodeOperationRecord,
  defineContract,
  isTerminalState,
  type JsonObject,
  type OperationRecord,
  operationSection,
} from '@iothub-dm/protocol'
import { AgentRuntime } from '../agent/agent-runtime.ts'
import type { ActionWithOptions } from '../implementation/handlers.ts'
import { type Implementation, implement } from '../implementation/implement.ts'
import type { Operation } from '../operation/operation.ts'
import type { OperationOptions } from '../operation/operation-options.ts'
import { EffectLedger } from './effect-ledger.ts'
import type { Kill } from './kill.ts'
import { SimulatedClock } from './simulated-clock.ts'
import { Kept, type SimulatedDevice, simulatedDevice } from './simulated-device.ts'
import { SimulatedFiles } from './simulated-files.ts'
import { type LifeEnd, SimulatedLife } from './simulated-life.ts'
import { SimulatedTwin } from './simulated-twin.ts'
import { watchOperation } from './watch-operation.ts'

type ErasedHandler = (op: never) => unknown

interface ErasedWithOptions extends Omit<ActionWithOptions, 'handle'> {
  readonly handle: ErasedHandler
}

/** What is run, again and again. */
export interface CrashSubject {
  readonly name: string
  readonly definition: ActionDefinition
  readonly handler: (device: SimulatedDevice) => ErasedHandler | ErasedWithOptions
  readonly request: JsonObject
  readonly operation: OperationOptions
  readonly maxPoints: number
}

/** What became of a device that was killed here and there. */
export interface CrashTrace {
  /** The points in the order in which they were passed, over all lives. */
  readonly points: readonly string[]
  /** How each life ended. */
  readonly ends: readonly LifeEnd[]
  readonly ledger: EffectLedger
  /** What the hub knows of the operation; undefined when it has never heard of it. */
  readonly record: OperationRecord | undefined
  /** What the agent would have told its `error` listeners. */
  readonly errors: readonly unknown[]
}

const operationId = 'crash-kit'
const startInMs = Date.UTC(2026, 0, 1)
const awayInMs = { process: 1_000, power: 30_000 }
/** Lives that an operation may take: kills, ten restarts, and the attempts that the agent allows. */
const maxLives = 30

/** Runs one operation from its request to its end, through all the lives of a device that is killed at some points. */
export async function runWithKills(subject: CrashSubject, kills: readonly Kill[]): Promise<CrashTrace> {
  const device = new CrashedDevice(subject, kills)
  for (let end = await device.live(); end.type !== 'over'; end = await device.live()) {
    if (end.type !== 'killed' && end.type !== 'restarted') break
    if (device.ends.length >= maxLives) break
  }
  return device
}

class CrashedDevice implements CrashTrace {
  readonly points: string[] = []
  readonly ends: LifeEnd[] = []
  readonly errors: unknown[] = []
  readonly ledger = new EffectLedger()
  readonly #subject: CrashSubject
  readonly #kills: ReadonlyMap<number, Kill>
  readonly #files = new SimulatedFiles()
  readonly #twin = new SimulatedTwin()
  readonly #kept = new Kept()
  #nowInMs = startInMs
  #boot = 1
  /** The back end has its answer: until then it asks in every life, as it cannot know whether it was heard. */
  #answered = false

  constructor(subject: CrashSubject, kills: readonly Kill[]) {
    this.#subject = subject
    this.#kills = new Map(kills.map(kill => [kill.point, kill]))
  }

  get record(): OperationRecord | undefined {
    return decodeOperationRecord(operationSection(this.#twin.reported, this.#subject.name))
  }

  /** Lives once. */
  async live(): Promise<LifeEnd> {
    const clock = new SimulatedClock(this.#nowInMs)
    const life = new SimulatedLife(point => this.#fateAt(point))
    const start = this.#start(life, clock)
    start.catch((error: unknown) => life.endWith({ type: 'crashed', error }))
    const end = await this.#follow(life, clock, start)
    this.ends.push(end)
    const reboots = end.type === 'restarted' || (end.type === 'killed' && end.kind === 'power')
    if (end.type === 'killed' && end.kind === 'power') this.#files.losePower()
    if (reboots) this.#boot += 1
    this.#nowInMs = clock.now() + (reboots ? awayInMs.power : awayInMs.process)
    return end
  }

  #fateAt(point: string): LifeEnd | undefined {
    this.points.push(point)
    const kill = this.#kills.get(this.points.length)
    if (kill !== undefined) return { type: 'killed', kind: kill.kind, at: point }
    return this.points.length >= this.#subject.maxPoints ? { type: 'endless' } : undefined
  }

  async #start(life: SimulatedLife, clock: SimulatedClock): Promise<AgentRuntime> {
    const runtime = await AgentRuntime.start({
      implementation: this.#implementation(life, clock),
      options: { ...this.#subject.operation, stateDirectory: '/state' },
      bootId: this.#bootId,
      clock,
      fileSystem: this.#files.seenBy(life),
      processes: {
        self: async () => ({ pid: this.ends.length + 1, startTime: '0' }),
        isAlive: async () => false,
      },
      connect: listener => this.#twin.connect(listener, life),
      onConnected: () => {},
      onDisconnected: () => {},
      onOperation: () => {},
      onError: error => this.errors.push(error),
    })
    await runtime.connect(undefined)
    if (!this.#answered) await this.#ask(life)
    return runtime
  }

  async #ask(life: SimulatedLife): Promise<void> {
    const { name, request } = this.#subject
    const answer = await this.#twin.call(name, { ...request, operationId })
    await life.pass('before the answer leaves')
    if (answer.status !== 200 && answer.status !== 202) {
      throw new TypeError(`request: the device refuses it with ${answer.status}: ${JSON.stringify(answer.payload)}`)
    }
    this.#answered = true
  }

  #implementation(life: SimulatedLife, clock: SimulatedClock): Implementation {
    const { name, definition, handler } = this.#subject
    const { ledger } = this
    const parts = { life, lifeNumber: this.ends.length + 1, bootId: this.#bootId, clock, ledger, kept: this.#kept }
    const made = handler(simulatedDevice(parts))
    const options: ErasedWithOptions = typeof made === 'function' ? { handle: made } : made
    const bound: { handle(op: Operation): unknown } = options
    const handle = async (op: Operation): Promise<unknown> => {
      await life.pass('before the handler')
      return bound.handle(watchOperation(op, life))
    }
    const contract: Contract = defineContract({ actions: { [name]: definition } })
    return implement(contract, { methods: {}, configurations: {}, actions: { [name]: { ...options, handle } } })
  }

  get #bootId(): string {
    return `boot-${this.#boot}`
  }

  /** Lets a life go on until it ends: whenever all of it waits, the clock goes on to the next timer. */
  async #follow(life: SimulatedLife, clock: SimulatedClock, start: Promise<AgentRuntime>): Promise<LifeEnd> {
    let closing = false
    while (life.end === undefined) {
      const before = life.activity
      // Twice: what is put off to the next turn may itself be put off.
      await nextTurn()
      if (life.activity === before) await nextTurn()
      if (life.activity !== before || life.end !== undefined) continue
      if (!closing && this.#isOver) {
        closing = true
        void start.then(runtime => runtime.close()).then(() => life.endWith({ type: 'over' }))
      } else if (clock.advance()) life.activity += 1
      else if (!(await stirs(life))) void life.endWith({ type: 'stuck' })
    }
    return life.end
  }

  get #isOver(): boolean {
    const { record } = this
    return record?.operationId === operationId && isTerminalState(record.state)
  }
}

const graceInMs = 200

/** A handler that waits for something real, such as a file, is given a while. */
async function stirs(life: SimulatedLife): Promise<boolean> {
  const before = life.activity
  for (const deadline = performance.now() + graceInMs; performance.now() < deadline; ) {
    await new Promise(resolve => setTimeout(resolve, 1))
    if (life.activity !== before || life.end !== undefined) return true
  }
  return false
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
