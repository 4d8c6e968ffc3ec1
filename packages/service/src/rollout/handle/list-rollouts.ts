import { isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import type { Clock } from '../../clock/clock.ts'
import type { QueryCalls } from '../../hub/iot-hub.ts'
import { literal } from '../../query/literal.ts'
import { type Paged, paged } from '../../query/paged.ts'
import { readPages } from '../../query/read-pages.ts'
import { decodeControlRecord } from '../control/control-codec.ts'
import { controlDevicePrefix } from '../control/control-twin.ts'
import type { RolloutSnapshot } from './rollout-snapshot.ts'

/** A rollout that the hub knows. */
export interface RolloutSummary extends RolloutSnapshot {
  /** Name of its action. */
  readonly action: string
}

/** Finds the rollouts of a hub; what cannot be read is left out. */
export function listRollouts(hub: QueryCalls, clock: Clock): Paged<RolloutSummary> {
  const text =
    'SELECT deviceId, properties.desired AS desired FROM devices ' +
    `WHERE STARTSWITH(deviceId, ${literal(controlDevicePrefix)})`
  return paged(async function* (options) {
    for await (const rows of readPages(hub, clock, text, options)) {
      const rollouts = rows.flatMap(row => readRow(row) ?? [])
      if (rollouts.length > 0) yield rollouts
    }
  })
}

function readRow({ deviceId, desired }: JsonObject): RolloutSummary | undefined {
  if (typeof deviceId !== 'string' || !isJsonObject(desired)) return undefined
  const rolloutId = deviceId.slice(controlDevicePrefix.length)
  try {
    const record = decodeControlRecord(rolloutId, desired)
    if (record === undefined) return undefined
    const { plan, state, counts, lease } = record
    const controller = lease === undefined || lease.owner === '' ? undefined : lease.owner
    return { rolloutId, action: plan.action, state, counts, waves: plan.waves.length, controller }
  } catch {
    return undefined
  }
}
