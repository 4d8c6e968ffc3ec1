import assert from 'node:assert/strict'
import { configuration, defineContract, isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { implement } from '../../../src/implementation/implement.ts'
import type { PatternProgram } from '../pattern-program.ts'

const contract = defineContract({
  configurations: {
    telemetry: configuration(v.object({ sendFrequencySeconds: v.number() })),
    network: configuration(v.object({ proxy: v.string() })),
  },
})

const desired = { telemetry: { sendFrequencySeconds: 5 }, network: { proxy: 'proxy.example' } }

/** The configuration pattern: one section that is kept, and one that is kept only once the hub was reached with it. */
export const configurationProgram: PatternProgram = {
  contract,
  desired,
  implementation: world =>
    implement(contract, {
      configurations: {
        telemetry: (_, { attempt }) => world.effect('telemetry', attempt),
        network: { handle: (_, { attempt }) => world.effect('network', attempt), confirmWithinInMs: 60_000 },
      },
    }),
  async ask() {},
  isOver: reported => Object.keys(desired).every(name => acknowledgement(reported, name).ac === 200),
  verify({ reported, effects }) {
    for (const [name, value] of Object.entries(desired)) {
      assert.deepEqual(acknowledgement(reported, name), { value, ac: 200, av: 2 })
      assert.ok(effects.some(effect => effect.name === name))
    }
  },
  extraLives: 0,
}

function acknowledgement(reported: JsonObject, name: string): JsonObject {
  const section = reported[name]
  return isJsonObject(section) ? section : {}
}
