import { type JsonObject, sameJson } from '@iothub-dm/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationBench } from '../../test/configuration-bench.ts'

type Step =
  | { readonly kind: 'write'; readonly patch: JsonObject }
  | { readonly kind: 'deliver' | 'double' | 'lose' | 'swap' | 'turn' | 'session' }
  | { readonly kind: 'slowRead' | 'refuseReport' }

const patches: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ telemetry: fc.oneof(fc.constant(null), fc.record({ fps: fc.integer({ min: 0, max: 70 }) })) }),
  fc.record({ list: fc.oneof(fc.constant(null), fc.array(fc.nat(3), { maxLength: 3 })) }),
  fc.record({ other: fc.oneof(fc.constant(null), fc.nat(3)) }),
)
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), patch: patches }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'deliver',
          'deliver',
          'double',
          'lose',
          'swap',
          'turn',
          'session',
          'slowRead',
          'refuseReport',
        ),
      }),
    },
  ),
  { maxLength: 40 },
)

describe('R14: patches in any order, doubled, lost, with gaps, and beside reads', () => {
  it('end with the copy equal to the twin, and with no version applied twice', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async story => {
        const bench = await ConfigurationBench.start()
        const { hub } = bench
        await bench.connect()
        let underway: ReturnType<typeof hub.write>[] = []
        let answer = nothing
        for (const step of story) {
          const versionBefore = bench.follower.desired?.version ?? 0
          if (step.kind === 'write') underway.push(hub.write(step.patch))
          else if (step.kind === 'session') {
            underway = []
            bench.beginSession()
          } else if (step.kind === 'slowRead') {
            answer()
            hub.beforeAnswer = new Promise(resolve => {
              answer = resolve
            })
          } else if (step.kind === 'refuseReport') hub.refuseReport = true
          else if (step.kind === 'turn') {
            bench.clock.advance(30_000)
            await bench.settled()
            answer()
            await bench.settled()
          } else deliver(bench, underway, step.kind)
          expectTrue(bench, versionBefore)
        }
        answer()
        hub.beforeAnswer = Promise.resolve()
        hub.refuseReport = false
        await bench.settled()
        bench.clock.advance(30_000)
        await bench.settled()
        // one more patch that arrives shows what was lost before it
        await bench.change({ other: -1 })
        await bench.settled()
        expect(bench.follower.desired).toEqual({ properties: hub.desired, version: hub.desiredVersion })
        expectInStep(bench)
        await bench.close()
      }),
      { numRuns: 10_000 },
    )
  }, 120_000)

  it('are all told without a single read when nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(patches, { maxLength: 10 }), async writes => {
        const bench = await ConfigurationBench.start()
        await bench.connect()
        for (const patch of writes) {
          const written = bench.hub.write(patch)
          bench.deliver(written)
          bench.deliver(written)
        }
        await bench.settled()
        expect(bench.hub.reads).toBe(1)
        expect(bench.follower.desired?.properties).toEqual(bench.hub.desired)
        await bench.close()
      }),
      { numRuns: 100 },
    )
  })

  it('cause exactly one read for a gap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(patches, { minLength: 2, maxLength: 8 }), fc.nat(), async (writes, seed) => {
        const bench = await ConfigurationBench.start()
        await bench.connect()
        const lost = seed % (writes.length - 1)
        for (const [index, patch] of writes.entries()) {
          const written = bench.hub.write(patch)
          if (index !== lost) bench.deliver(written)
        }
        await bench.settled()
        expect(bench.hub.reads).toBe(2)
        expect(bench.follower.desired?.properties).toEqual(bench.hub.desired)
        await bench.close()
      }),
      { numRuns: 100 },
    )
  })
})

function nothing(): void {}

function deliver(bench: ConfigurationBench, underway: ReturnType<typeof bench.hub.write>[], kind: Step['kind']): void {
  const last = kind === 'swap' ? underway.pop() : underway.shift()
  if (last === undefined || kind === 'lose') return
  bench.deliver(last)
  if (kind === 'double') bench.deliver(last)
}

/** The copy is what the twin was at that version, and never falls back. */
function expectTrue({ follower, hub }: ConfigurationBench, versionBefore: number): void {
  const { properties, version } = follower.desired ?? { properties: {}, version: 1 }
  expect(properties).toEqual(hub.history.get(version))
  expect(version).toBeGreaterThanOrEqual(versionBefore)
}

/** Every section is acknowledged as the twin has it, and no version was applied twice. */
function expectInStep({ hub, calls }: ConfigurationBench): void {
  for (const name of ['telemetry', 'list']) {
    const versions = calls.filter(call => call.name === name).map(({ version }) => version)
    expect(versions).toEqual([...new Set(versions)].toSorted((left, right) => left - right))
    const desired = hub.desired[name]
    const reported = hub.reported[name]
    if (desired === undefined) expect(reported).toBeUndefined()
    else if (!isTooFast(desired)) expect(reported).toMatchObject({ value: desired, ac: 200 })
    else expect(reported).toMatchObject({ ac: 400 })
    const last = calls.findLast(call => call.name === name)?.desired
    if (!isTooFast(desired) && last !== undefined)
      expect(sameJson(JSON.parse(JSON.stringify(last)), desired)).toBe(true)
  }
}

function isTooFast(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'fps' in value && Number(value.fps) > 60
}
