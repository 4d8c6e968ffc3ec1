import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { booleanSize, numberSize, twinValueSize } from '../json/twin-value-size.ts'
import { limits } from '../operation/limits.ts'
import { type OperationRecord, operationErrorCode } from '../operation/operation-record.ts'
import { encodeOperationSection } from '../operation/reported-section.ts'
import { encodeAcknowledgement } from '../patterns/configuration/acknowledgement.ts'
import { encodeConfigurationStatus } from '../patterns/configuration/configuration-status.ts'
import { jsonSchemaOf } from '../schema/json-schema.ts'
import type { Schema } from '../schema/standard-schema.ts'
import type { ActionDefinition } from './action.ts'
import type { ConfigurationDefinition } from './configuration.ts'

/**
 * The most that an action can take in the reported properties, as the hub counts. What the schema of the result leaves
 * without a bound counts as nothing.
 */
export function actionSize(name: string, action: ActionDefinition): number {
  const section = encodeOperationSection(largestRecord(action), action.pattern)
  const sections = action.pattern?.documentedSections?.size ?? 0
  return name.length + twinValueSize(section) + 'result'.length + schemaSize(action.result) + sections
}

/**
 * The most that the acknowledgement of a configuration can take in the reported properties, as the hub
 * counts. What the schema leaves without a bound counts as nothing.
 */
export function configurationSize(name: string, { schema, acknowledgement }: ConfigurationDefinition): number {
  const ad = 'x'.repeat(limits.detailLength)
  const [encoded, member] =
    acknowledgement === 'status'
      ? // in the worst case two values: the one in use and the one that is not
        [encodeConfigurationStatus({ ac: 500, ad }), 'pendingConfig']
      : [encodeAcknowledgement({ ac: 200, av: 1, ad }), 'value']
  const values = acknowledgement === 'status' ? 2 : 1
  return name.length + twinValueSize(encoded) + member.length + values * schemaSize(schema)
}

/** A record with every member but the result, each as long as it can be. */
function largestRecord(action: ActionDefinition): OperationRecord {
  const time = new Date(0).toISOString()
  return {
    operationId: 'x'.repeat(limits.operationIdLength),
    state: 'succeeded', // with it, a pattern reports all of its leaves
    status: longest(['restarting', ...action.phases]),
    percent: 100,
    detail: 'x'.repeat(limits.detailLength),
    attempt: 1,
    acceptedTime: time,
    startedTime: time,
    updatedTime: time,
    finishedTime: time,
    error: {
      code: longest([...Object.values(operationErrorCode), ...action.errors]),
      message: 'x'.repeat(limits.errorMessageLength),
      retryable: false,
    },
  }
}

function longest(words: readonly string[]): string {
  return words.reduce((most, word) => (word.length > most.length ? word : most), '')
}

function schemaSize(schema: Schema | undefined): number {
  return boundOf(jsonSchemaOf(schema))
}

/** The most that a value of a JSON Schema can take. */
function boundOf(schema: JsonValue | undefined): number {
  if (!isJsonObject(schema)) return 0
  if (schema.const !== undefined) return twinValueSize(schema.const)
  if (Array.isArray(schema.enum)) return Math.max(0, ...schema.enum.map(twinValueSize))
  const alternatives = schema.anyOf ?? schema.oneOf
  if (Array.isArray(alternatives)) return Math.max(0, ...alternatives.map(boundOf))
  switch (schema.type) {
    case 'boolean':
      return booleanSize
    case 'number':
    case 'integer':
      return numberSize
    case 'string':
      return typeof schema.maxLength === 'number' ? schema.maxLength : 0
    case 'array':
      return arrayBound(schema)
    case 'object':
      return sum(Object.entries(schema.properties ?? {}).map(([key, property]) => key.length + boundOf(property)))
    default:
      return 0
  }
}

function arrayBound({ prefixItems, items, maxItems }: JsonObject): number {
  const first: readonly JsonValue[] = Array.isArray(prefixItems) ? prefixItems : []
  const others = typeof maxItems === 'number' ? Math.max(0, maxItems - first.length) : 0
  return sum(first.map(boundOf)) + others * boundOf(items)
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}
