import { firmwareUpdate } from '@iothub-dm/protocol'
import { expect, it } from 'vitest'
import { until } from '../../test/simulated-life.ts'
import type { BoundAction } from '../implementation/implement.ts'
import { askForFacts } from './action-facts.ts'

function withFacts(facts: BoundAction['facts']): BoundAction {
  return { definition: firmwareUpdate, handle: () => {}, facts }
}

it('what handlers tell is there once they have told it; one that hangs or throws holds up nobody', async () => {
  const errors: unknown[] = []
  let changes = 0
  const failure = new Error('no flash')
  const facts = askForFacts(
    new Map([
      ['good', withFacts(async () => ({ currentVersion: '1.0.0' }))],
      ['hanging', withFacts(() => new Promise(() => {}))],
      [
        'throwing',
        withFacts(() => {
          throw failure
        }),
      ],
      ['silent', withFacts(undefined)],
    ]),
    { onChange: () => (changes += 1), onError: error => errors.push(error) },
  )
  expect([facts.of('good'), facts.of('silent')]).toEqual([undefined, {}])
  await until(() => changes === 2)
  expect(['good', 'hanging', 'throwing', 'silent', 'unknown'].map(name => facts.of(name))).toEqual([
    { currentVersion: '1.0.0' },
    undefined,
    {},
    {},
    undefined,
  ])
  expect(errors).toEqual([failure])
})
