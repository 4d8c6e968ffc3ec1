import { action, type Contract, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** How the program ends when it restarts the device. */
export const restartExitCode = 64

/** The operation that every life is asked for. */
export const operationId = 'op'

/** Where things are below the folder of a run. */
export const names = { state: 'state', hub: 'hub.json', effects: 'effects' } as const

const work = action({ phases: ['before', 'after'], result: v.object({ first: v.string(), second: v.string() }) })

export const contract: Contract<
  Record<never, never>,
  { readonly work: typeof work },
  Record<never, never>
> = defineContract({
  actions: { work },
})
