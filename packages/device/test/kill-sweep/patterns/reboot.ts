import assert from 'node:assert/strict'
import {
  type ActionDefinition,
  action,
  type Contract,
  defineContract,
  operationSection,
  reboot,
} from '@iothub-dm/protocol'
import * as v from 'valibot'
import { implement } from '../../../src/implementation/implement.ts'
import { beginsOperation, type PatternProgram, type SweepEnd } from '../pattern-program.ts'

/** An operation succeeded in another boot, or it failed because the program died while it waited for the restart. */
export function verifyRestart({ log, boots, killedInRestart, effects }: SweepEnd): void {
  assert.ok(effects.filter(({ name }) => name === 'restart').length <= 1)
  const { state, error } = log?.record ?? {}
  if (state === 'succeeded') assert.ok(boots > 1)
  else
    assert.deepEqual(
      { state, code: error?.code, killedInRestart },
      { state: 'failed', code: 'RestartNotObserved', killedInRestart: true },
    )
}

const contract = defineContract({ actions: { reboot } })

/** The reboot pattern. */
export const rebootProgram: PatternProgram = {
  ...beginsOperation('reboot'),
  contract,
  implementation: world =>
    implement(contract, {
      actions: {
        reboot: async op => {
          await op.step('flush', ({ attempt }) => world.effect('flush', attempt))
          await op.restart(() => {
            world.effect('restart')
            world.restart()
          })
          await op.step('check', ({ attempt }) => world.effect('check', attempt))
        },
      },
    }),
  verify(end) {
    verifyRestart(end)
    const { state, lastReboot } = operationSection(end.reported, 'reboot')
    assert.equal(typeof lastReboot === 'string', state === 'succeeded')
    assert.ok(end.effects.some(({ name }) => name === 'flush'))
    assert.equal(
      end.effects.some(({ name }) => name === 'check'),
      state === 'succeeded',
    )
  },
  extraLives: 0,
}

const work: ActionDefinition = action({ phases: ['before', 'after'], result: v.object({ first: v.string() }) })
const workContract: Contract = defineContract({ actions: { work } })

/** An action of one's own, with phases, results of steps and a result. */
export const workProgram: PatternProgram = {
  ...beginsOperation('work'),
  contract: workContract,
  implementation: world =>
    implement(workContract, {
      methods: {},
      configurations: {},
      actions: {
        work: async op => {
          op.phase('before')
          const first = await op.step('first', ({ attempt }) => {
            world.effect('first', attempt)
            return 'first done'
          })
          await op.restart(() => {
            world.effect('restart')
            world.restart()
          })
          op.phase('after')
          await op.step('second', ({ attempt }) => world.effect('second', attempt))
          return { first }
        },
      },
    }),
  verify(end) {
    verifyRestart(end)
    if (end.log?.record.state === 'succeeded') assert.deepEqual(end.log.record.result, { first: 'first done' })
  },
  extraLives: 0,
}
