import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import type { FleetClient } from '../../fleet/fleet-client.ts'
import type { RolloutHandle } from '../handle/rollout-handle.ts'

const camera = defineContract({
  actions: {
    install: action({ request: v.object({ version: v.string() }), effects: ['idempotent'] }),
    wipe: action({ effects: ['losesData', 'irreversible'] }),
  },
})
declare const fleet: FleetClient<typeof camera>
const rolloutId = 'r1'

describe('a rollout', () => {
  it('takes the request of its action', () => {
    expectTypeOf(
      fleet.actions.install.beginRollout({ rolloutId, request: { version: '2' } }),
    ).resolves.toEqualTypeOf<RolloutHandle>()
    // @ts-expect-error -- the request is missing
    void fleet.actions.install.beginRollout({ rolloutId })
    // @ts-expect-error -- a version is a text
    void fleet.actions.install.beginRollout({ rolloutId, request: { version: 2 } })
    // @ts-expect-error -- so is the one before
    void fleet.actions.install.plan({ rolloutId, request: { version: '2' }, rollbackRequest: { version: 1 } })
  })

  it('of an action that cannot be made good wants a canary, and its effects acknowledged', () => {
    const acknowledge = { losesData: true, irreversible: true } as const
    void fleet.actions.wipe.beginRollout({ rolloutId, acknowledge, waves: [{ devices: 1 }, { percent: 100 }] })
    // @ts-expect-error -- nothing is acknowledged
    void fleet.actions.wipe.beginRollout({ rolloutId, waves: [{ devices: 1 }] })
    // @ts-expect-error -- one of the effects is not
    void fleet.actions.wipe.beginRollout({ rolloutId, acknowledge: { losesData: true }, waves: [{ devices: 1 }] })
    // @ts-expect-error -- there are no waves
    void fleet.actions.wipe.beginRollout({ rolloutId, acknowledge })
    // @ts-expect-error -- the first wave is no canary
    void fleet.actions.wipe.beginRollout({ rolloutId, acknowledge, waves: [{ percent: 100 }] })
    // @ts-expect-error -- there is nothing to acknowledge
    void fleet.actions.install.beginRollout({ rolloutId, request: { version: '2' }, acknowledge })
  })
})
