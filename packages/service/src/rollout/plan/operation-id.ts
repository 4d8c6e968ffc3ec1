import type { RolloutPlan } from './rollout-plan.ts'

/** Which of its two ways a rollout goes: out to the devices, or back. */
export type Leg = 'forward' | 'back'

/**
 * The id of the operation that a rollout runs on each of its devices. It is the same in every process, so that a device that was
 * started by two controllers, or again after a crash, finds it in its journal and runs it once.
 *
 * @param attempt 1, and one more each time that what failed is begun again
 */
export function operationIdOf(plan: RolloutPlan, leg: Leg, attempt: number): string {
  return `${plan.rolloutId}${leg === 'forward' ? '.' : '.back.'}${attempt}`
}

/** Which start of the rollout an operation is; undefined when it belongs to something else. */
export function parseOperationId(
  plan: RolloutPlan,
  operationId: string,
): { readonly leg: Leg; readonly attempt: number } | undefined {
  if (!operationId.startsWith(plan.rolloutId)) return undefined
  const match = startPattern.exec(operationId.slice(plan.rolloutId.length))
  if (match === null) return undefined
  return { leg: match[1] === undefined ? 'forward' : 'back', attempt: Number(match[2]) }
}

const startPattern = /^\.(back\.)?([1-9]\d?)$/
