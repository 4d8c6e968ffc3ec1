import { action, defineContract, isJsonObject, isTerminalState, type JsonObject } from '@iothub-dm/protocol'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { LaneBench } from '../../test/lane-bench.ts'
import { type Gate, gate } from '../../test/simulated-life.ts'
import type { DesiredPatch } from '../configuration/desired-state.ts'
import { implement } from '../implementation/implement.ts'
import type { Operation } from '../operation/operation.ts'

const contract = defineContract({
  actions: { work: action({ request: v.object({ size: v.optional(v.number()) }) }), other: action() },
})

type Step =
  /** The back end asks for an operation. */
  | { readonly kind: 'method' | 'write'; readonly name: string }
  /** A patch of the desired properties arrives, comes twice, is lost, or is overtaken. */
  | { readonly kind: 'deliver' | 'double' | 'lose' | 'swap' | 'session' | 'clear' }
  /** The device is busy with something else, ends what it is at, is killed; time passes; everything becomes quiet. */
  | { readonly kind: 'busy' | 'finish' | 'kill' | 'tick' | 'settle' }

/** What the back end may ask for; the third expires in the middle of a story. */
const requests: Readonly<Record<string, JsonObject>> = {
  a: { operationId: 'a', size: 1 },
  b: { operationId: 'b', size: 2 },
  late: { operationId: 'late', size: 3, expiresAt: '2026-01-01T00:05:00Z' },
  nameless: { size: 4 },
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('method', 'write'), name: fc.constantFrom(...Object.keys(requests)) }),
    fc.record({ kind: fc.constantFrom('deliver', 'deliver', 'double', 'lose', 'swap', 'session', 'clear') }),
    fc.record({ kind: fc.constantFrom('busy', 'finish', 'finish', 'kill', 'tick', 'settle') }),
  ),
  { minLength: 3, maxLength: 30 },
)

type RunningOperation = Pick<Operation, 'operationId' | 'attempt' | 'signal'>

/** One story of a device and its back end. */
class Story {
  readonly bench: LaneBench
  /** First lives of handlers, by operation. */
  readonly begun = new Map<string, number>()
  /** Operations that the device has answered for: accepted, or known. */
  readonly promised = new Set<string>()
  /** How often the desired request without an id was set after it had been something else. */
  namelessRequests = 0
  #underway: DesiredPatch[] = []
  #gates: Gate[] = []

  private constructor(bench: LaneBench) {
    this.bench = bench
  }

  static async begin(): Promise<Story> {
    const run = (op: RunningOperation) => story.#run(op)
    const implementation = implement(contract, { actions: { work: run, other: run } })
    const story = new Story(await LaneBench.start({ implementation, operations: { maxAttempts: 1_000 } }))
    return story
  }

  async #run({ operationId, attempt, signal }: RunningOperation): Promise<void> {
    // The process was killed just before.
    if (signal.aborted) await new Promise(() => {})
    if (attempt === 1) this.begun.set(operationId, (this.begun.get(operationId) ?? 0) + 1)
    const finish = gate()
    this.#gates.push(finish)
    await finish.promise
  }

  async tell(step: Step): Promise<void> {
    const { bench } = this
    switch (step.kind) {
      case 'method':
        return this.#call(requests[step.name] ?? {})
      case 'busy':
        await bench.call('other', {})
        return
      case 'write':
        return this.#write({ operationId: null, size: null, expiresAt: null, ...requests[step.name] })
      case 'clear':
        return this.#write(null)
      case 'deliver':
      case 'double':
        return this.#deliver(step.kind === 'double')
      case 'lose':
        this.#underway = this.#underway.slice(1)
        return
      case 'swap':
        this.#underway = this.#underway.toReversed()
        return
      case 'session':
        this.#underway = []
        return bench.read()
      case 'finish':
        for (const finish of this.#gates.splice(0)) finish.open()
        return
      case 'kill':
        this.#gates = []
        this.#underway = []
        return bench.restart()
      case 'tick':
        return bench.advance(60_000)
      case 'settle':
        return bench.settled()
    }
  }

  /** Everything that is under way arrives, and everything that waits is done. */
  async end(): Promise<void> {
    this.#underway = []
    await this.bench.restart()
    for (let round = 0; round < 8; round += 1) {
      await this.tell({ kind: 'finish' })
      await this.bench.advance(60_000)
    }
  }

  async #call(request: JsonObject): Promise<void> {
    const { status, payload } = await this.bench.life.begin('work', request)
    if (status < 300 && isJsonObject(payload) && typeof payload.operationId === 'string') {
      this.promised.add(payload.operationId)
    }
  }

  #write(work: JsonObject | null): void {
    const before = isNameless(this.bench.desired)
    this.#underway.push(this.bench.write({ iothubDM: { work } }))
    if (!before && isNameless(this.bench.desired)) this.namelessRequests += 1
  }

  #deliver(twice: boolean): void {
    const [next, ...rest] = this.#underway
    this.#underway = rest
    if (next === undefined) return
    this.bench.deliver(next)
    if (twice) this.bench.deliver(next)
  }
}

function isNameless({ iothubDM }: JsonObject): boolean {
  return JSON.stringify(iothubDM) === '{"work":{"size":4}}'
}

describe('R14: two lanes, one operation', () => {
  it('is carried out once or expires, whatever comes twice, late, in another order, or between two lives', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async story => {
        const told = await Story.begin()
        for (const step of story) await told.tell(step)
        await told.end()
        const { bench, begun, promised } = told
        expect(bench.errors).toEqual([])

        // Nothing twice.
        for (const [operationId, times] of begun) expect([operationId, times]).toEqual([operationId, 1])
        const derived = [...begun.keys()].filter(operationId => operationId.startsWith('desired-'))
        expect(derived.length).toBeLessThanOrEqual(told.namelessRequests)

        // Nothing that was promised is lost, and nothing that was begun is said to have expired.
        const { store } = bench.life
        const known = ['a', 'b', 'late', ...begun.keys(), ...promised].flatMap(id => store.get(id) ?? [])
        for (const { operationId, record } of known) {
          expect(isTerminalState(record.state)).toBe(true)
          expect(record.state).toBe(begun.has(operationId) ? 'succeeded' : 'expired')
        }
        for (const operationId of promised) expect(store.get(operationId)).toBeDefined()

        // What is asked for in the end is done or has expired, and the hub knows.
        const { iothubDM } = bench.desired
        const wanted = isJsonObject(iothubDM) && isJsonObject(iothubDM.work) ? iothubDM.work.operationId : undefined
        if (typeof wanted === 'string') expect(store.get(wanted)).toBeDefined()
        for (const { reported } of store.newest().values()) expect(reported).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
