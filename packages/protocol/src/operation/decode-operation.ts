import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import type { OperationError, OperationRecord } from './operation-record.ts'
import { isOperationState } from './operation-state.ts'

/**
 * Reads an operation record from its reported section. Tolerant: what an older or foreign device left out gets a plain
 * default, members that are not known are passed over.
 *
 * @param section `iothubDM.<action>` of the reported properties
 * @returns undefined when the section is not an operation record
 */
export function decodeOperationRecord(section: unknown): OperationRecord | undefined {
  if (!isJsonObject(section)) return undefined
  const { operationId, state } = section
  if (typeof operationId !== 'string' || operationId === '' || !isOperationState(state)) return undefined
  const acceptedTime = text(section, 'acceptedTime') ?? text(section, 'updatedTime') ?? ''
  const error = decodeOperationError(section.error)
  return {
    operationId,
    state,
    status: text(section, 'status') ?? state,
    attempt: count(section, 'attempt') ?? 1,
    acceptedTime,
    updatedTime: text(section, 'updatedTime') ?? acceptedTime,
    ...present('percent', percent(section)),
    ...present('detail', text(section, 'detail')),
    ...present('startedTime', text(section, 'startedTime')),
    ...present('finishedTime', text(section, 'finishedTime')),
    ...present('result', section.result ?? undefined),
    ...present('error', error),
    ...present('queued', texts(section, 'queued')),
  }
}

/** Reads the error of an operation; undefined when there is none. */
export function decodeOperationError(value: JsonValue | undefined): OperationError | undefined {
  if (value === undefined || value === null) return undefined
  if (!isJsonObject(value)) {
    return { code: 'Unknown', message: typeof value === 'string' ? value : JSON.stringify(value), retryable: false }
  }
  return {
    code: text(value, 'code') ?? 'Unknown',
    message: text(value, 'message') ?? '',
    retryable: value.retryable === true,
  }
}

function text(object: JsonObject, key: string): string | undefined {
  const value = object[key]
  return typeof value === 'string' ? value : undefined
}

function texts(object: JsonObject, key: string): readonly string[] | undefined {
  const value = object[key]
  if (!Array.isArray(value)) return undefined
  const items: readonly JsonValue[] = value
  return items.filter(item => typeof item === 'string')
}

function count(object: JsonObject, key: string): number | undefined {
  const value = object[key]
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
}

function percent(object: JsonObject): number | undefined {
  const { percent: value } = object
  return typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined
}

/** A member that is there only when it has a value: with exactOptionalPropertyTypes, undefined is not the same as absent. */
function present<TKey extends string, TValue>(key: TKey, value: TValue | undefined): { [K in TKey]?: TValue } {
  const member: { [K in TKey]?: TValue } = {}
  if (value !== undefined) member[key] = value
  return member
}
