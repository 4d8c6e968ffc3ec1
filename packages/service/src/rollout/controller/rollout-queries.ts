import {
  decodeOperationRecord,
  isJsonObject,
  isTerminalState,
  type JsonObject,
  type JsonValue,
  type OperationRecord,
  operationSection,
  operationState,
} from '@iothub-dm/protocol'
import { literal } from '../../query/literal.ts'
import { path } from '../../query/path.ts'
import { actionPath } from '../../query/twin-fields.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'

/** What was seen of a device, by a query or in its twin. */
export interface Sighting {
  readonly deviceId: string
  /** `$version` of the reported properties: tells what is older. */
  readonly version: number
  /** When the device last reported, milliseconds since 1970, by the clock of the hub; undefined when the hub does not tell. */
  readonly reportedAtInMs: number | undefined
  /** Its newest operation of the action, of this rollout or not. */
  readonly record: OperationRecord | undefined
  /** The reported value that must attest a success. */
  readonly attested: JsonValue | undefined
}

const terminalStates = Object.values(operationState).filter(isTerminalState)

/**
 * Finds all devices of a rollout: those of the target, and those that it has started, which the target may no longer take in once they
 * have what the rollout brings.
 */
export function targetQuery(plan: RolloutPlan, deviceId?: string): string {
  const wanted = plan.target === '' ? [] : [`(${plan.target} OR ${startedCondition(plan)})`]
  const conditions = [...wanted, ...(deviceId === undefined ? [] : [`deviceId = ${literal(deviceId)}`])]
  return `${selection(plan)}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}`
}

/** Finds the devices that are done, and have reported since a time: few rows, however many devices are at work. */
export function finishedQuery(plan: RolloutPlan, sinceInMs: number): string {
  const isOver = `${actionPath(plan.action, 'state')} IN [${terminalStates.map(literal).join(', ')}]`
  const isNew = `${lastUpdatedPath} >= ${literal(new Date(sinceInMs).toISOString())}`
  return `${selection(plan)} WHERE ${startedCondition(plan)} AND ${isOver} AND ${isNew}`
}

/** Reads a row of {@link targetQuery} or {@link finishedQuery}. */
export function parseSighting(row: JsonObject): Sighting | undefined {
  const { deviceId, version, record, updatedTime, attested } = row
  if (typeof deviceId !== 'string') return undefined
  return {
    deviceId,
    version: typeof version === 'number' ? version : 0,
    reportedAtInMs: timeOf(updatedTime),
    record: decodeOperationRecord(record),
    attested,
  }
}

/** What the twin of a device shows of it. */
export function sightingOf(plan: RolloutPlan, deviceId: string, reported: JsonObject): Sighting {
  const metadata = reported.$metadata
  return {
    deviceId,
    version: typeof reported.$version === 'number' ? reported.$version : 0,
    reportedAtInMs: isJsonObject(metadata) ? timeOf(metadata.$lastUpdated) : undefined,
    record: decodeOperationRecord(operationSection(reported, plan.action)),
    attested: plan.attestation?.path.reduce<JsonValue | undefined>(memberOf, reported),
  }
}

const lastUpdatedPath = path('properties', 'reported', '$metadata', '$lastUpdated')

function selection({ action, attestation }: RolloutPlan): string {
  const attested =
    attestation === undefined ? '' : `, ${path('properties', 'reported', ...attestation.path)} AS attested`
  const version = path('properties', 'reported', '$version')
  return (
    `SELECT deviceId, ${version} AS version, ${lastUpdatedPath} AS updatedTime, ` +
    `${actionPath(action)} AS record${attested} FROM devices`
  )
}

/** All operations of a rollout begin with its id. */
function startedCondition({ rolloutId, action }: RolloutPlan): string {
  return `STARTSWITH(${actionPath(action, 'operationId')}, ${literal(`${rolloutId}.`)})`
}

function timeOf(value: JsonValue | undefined): number | undefined {
  const timeInMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(timeInMs) ? undefined : timeInMs
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
