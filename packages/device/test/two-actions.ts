import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'
import type { ActionHandler, ActionWithOptions } from '../src/implementation/handlers.ts'
import { type Implementation, implement } from '../src/implementation/implement.ts'

const plain = action({ request: v.object({ target: v.optional(v.number()) }), result: v.optional(v.unknown()) })
const contract = defineContract({ actions: { work: plain, other: plain } })

/** A handler of the actions `work` and `other`, alone or with options. */
export type Handling = ActionHandler<typeof plain> | ActionWithOptions<typeof plain>

/** Test support: an implementation of two actions that get in each other's way. */
export function twoActions(work: Handling, other: Handling = () => {}): Implementation {
  return implement(contract, { actions: { work, other } })
}
