import { isJsonObject, type JsonObject, type JsonValue, toJson } from '@iothub-dm/protocol'
import { RolloutDamagedError } from '../../errors/rollout-errors.ts'
import { canonicalText, planHash } from '../plan/plan-hash.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { ControlRecord } from './control-record.ts'

/** The section of the desired properties in which the record stands. */
export const controlSection = 'iothubDMRollout'

/** The hub takes texts up to 4 KB; non-ASCII characters are escaped, so that a character is a byte. */
const chunkLength = 4_000
/** Of the 32 KB of the desired properties, what is left beside the plan is for state, lease and audit. */
const maxPlanLength = 16_000
const maxAuditLength = 9_000
const format = 1

/**
 * Writes the record of a rollout as desired properties.
 *
 * @throws RangeError when the plan does not fit
 */
export function encodeControlRecord({ plan, state, lease, counts, audit }: ControlRecord): JsonObject {
  const text = toAscii(canonicalText(toJson(plan, 'plan')))
  if (text.length > maxPlanLength) {
    throw new RangeError(`the plan takes ${text.length} bytes, a rollout has room for ${maxPlanLength}`)
  }
  const members = { state, lease, counts }
  return {
    [controlSection]: {
      format,
      planHash: planHash(plan),
      plan: toChunks(text),
      audit: toChunks(auditText(audit)),
      ...withoutUndefined(members),
    },
  }
}

/**
 * Reads the record of a rollout.
 *
 * @returns undefined where there is none
 * @throws RolloutDamagedError when it cannot be read, or its plan is not the one that was begun
 */
export function decodeControlRecord(rolloutId: string, desired: JsonObject): ControlRecord | undefined {
  const section = desired[controlSection]
  if (section === undefined) return undefined
  if (!isJsonObject(section) || section.format !== format) {
    throw new RolloutDamagedError(rolloutId, 'it was written by another release')
  }
  const { state, lease, counts } = section
  const stored: unknown = {
    plan: readJson(rolloutId, section.plan),
    audit: readJson(rolloutId, section.audit),
    ...withoutUndefined({ state, lease, counts }),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by encodeControlRecord of the same format
  const record = stored as ControlRecord
  if (record.plan?.rolloutId !== rolloutId || planHash(record.plan) !== section.planHash) {
    throw new RolloutDamagedError(rolloutId, 'its plan was edited after it had begun')
  }
  return record
}

function readJson(rolloutId: string, chunks: JsonValue | undefined): JsonValue {
  try {
    return toJson(JSON.parse(fromChunks(chunks)), 'record')
  } catch (error) {
    throw new RolloutDamagedError(rolloutId, 'it is not JSON', error)
  }
}

/** The newest entries that there is room for. */
function auditText(audit: readonly AuditEntry[]): string {
  for (let skip = 0; ; skip += 1) {
    const text = toAscii(JSON.stringify(audit.slice(skip)))
    if (text.length <= maxAuditLength || skip >= audit.length) return text
  }
}

function toChunks(text: string): JsonObject {
  const chunks: Record<string, string> = {}
  for (let start = 0, index = 0; start < text.length; start += chunkLength, index += 1) {
    chunks[`part${index}`] = text.slice(start, start + chunkLength)
  }
  return chunks
}

function fromChunks(chunks: JsonValue | undefined): string {
  const parts: string[] = []
  for (let index = 0; isJsonObject(chunks); index += 1) {
    const part = chunks[`part${index}`]
    if (typeof part !== 'string') break
    parts.push(part)
  }
  return parts.join('')
}

function toAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function withoutUndefined(members: object): JsonObject {
  const json = toJson(members, 'state')
  return isJsonObject(json) ? json : {}
}
