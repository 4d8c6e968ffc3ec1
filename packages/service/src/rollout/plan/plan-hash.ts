import { createHash } from 'node:crypto'
import { isJsonObject, type JsonValue, toJson } from '@iothub-dm/protocol'
import type { RolloutPlan } from './rollout-plan.ts'

/** The hash of a plan: two processes that have the same one mean the same rollout. */
export function planHash(plan: RolloutPlan): string {
  return createHash('sha256')
    .update(canonicalText(toJson(plan, 'plan')))
    .digest('hex')
}

/** JSON with the members of every object in the order of their names. */
export function canonicalText(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value ?? null)
  const members = Object.keys(value)
    .filter(key => value[key] !== undefined)
    .toSorted()
    .map(key => `${JSON.stringify(key)}:${canonicalText(value[key])}`)
  return `{${members.join(',')}}`
}
