import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'
import type { ActionHandler } from '../src/implementation/handlers.ts'
import { type Implementation, implement } from '../src/implementation/implement.ts'
import { type LifeOptions, type SimulatedLife, startLife } from './simulated-life.ts'

const contract = defineContract({
  actions: {
    work: action({
      request: v.object({ target: v.optional(v.number()) }),
      phases: ['warming', 'measuring'],
      result: v.optional(v.unknown()),
      errors: ['sensorFault'],
    }),
  },
})

/** A handler of the action `work`. */
export type Work = ActionHandler<typeof contract.actions.work>

/** An implementation with that handler alone. */
export function implementing(work: Work): Implementation {
  return implement(contract, { actions: { work } })
}

/** Starts a life with a handler of its own, and goes on with what is unfinished. */
export async function live(work: Work, options: Omit<LifeOptions, 'implementation'>): Promise<SimulatedLife> {
  const life = await startLife({ implementation: implementing(work), ...options })
  life.manager.resume()
  return life
}

/** Begins operation `op` in a first life. */
export async function begin(work: Work, options: Omit<LifeOptions, 'implementation'>): Promise<SimulatedLife> {
  const life = await live(work, options)
  await life.begin('work', { operationId: 'op', target: 7 })
  return life
}
