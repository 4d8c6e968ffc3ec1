import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { armFactoryReset, defineContract, factoryReset, operationSection } from '@iothub-dm/protocol'
import { factoryResetWith } from '../../../src/factory-reset/factory-reset-with.ts'
import { implement } from '../../../src/implementation/implement.ts'
import { beginsOperation, isFine, operationId, type PatternProgram } from '../pattern-program.ts'
import { verifyRestart } from './reboot.ts'

const contract = defineContract({ actions: { factoryReset } })
const request = { level: 'data' } as const

/** The factory reset pattern, with a wipe that takes the state directory of the agent too. */
export const factoryResetProgram: PatternProgram = {
  ...beginsOperation('factoryReset'),
  contract,
  async ask(call) {
    const known = await call('factoryReset', { ...request, operationId })
    if (isFine(known)) return
    const armed = await armFactoryReset(request, payload => call('factoryReset', payload))
    const answer = await call('factoryReset', { ...armed, operationId })
    assert.ok(isFine(answer), JSON.stringify(answer))
  },
  implementation: world =>
    implement(contract, {
      actions: {
        factoryReset: factoryResetWith({
          prepare: (_, { attempt }) => world.effect('prepare', attempt),
          wipe: (_, { attempt }) => {
            world.effect('wipe', attempt)
            rmSync(join(world.folder, 'photos'), { force: true })
            rmSync(world.stateDirectory, { recursive: true, force: true })
          },
          restart: () => {
            world.effect('restart')
            world.restart()
          },
          verify: () => !existsSync(join(world.folder, 'photos')),
        }),
      },
    }),
  verify(end) {
    verifyRestart(end)
    assert.ok(!existsSync(join(end.folder, 'photos')), 'the photos are gone')
    const { state, lastFactoryReset, result } = operationSection(end.reported, 'factoryReset')
    assert.equal(typeof lastFactoryReset === 'string', state === 'succeeded')
    if (state === 'succeeded') assert.deepEqual(result, { level: 'data', keep: [], epoch: 1 })
  },
  extraLives: 0,
}
