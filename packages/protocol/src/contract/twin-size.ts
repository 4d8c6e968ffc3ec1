import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { limits } from '../operation/limits.ts'
import type { Schema } from '../schema/standard-schema.ts'
import type { ActionDefinition } from './action.ts'
import type { ConfigurationDefinition } from './configuration.ts'

// The hub counts keys and string values by characters, a number as 8, a boolean as 4 (device twins guide, "Twin size").
const numberSize = 8
const booleanSize = 4
const isoTimeSize = 'YYYY-MM-DDTHH:mm:ss.sssZ'.length
const longestState = 'restarting'.length

/**
 * The most that an action can take in the reported properties.
 *
 * @returns characters, as the hub counts them; the size of a result whose schema sets no bound is left out
 */
export function actionSize(name: string, action: ActionDefinition): number {
  const longestStatus = Math.max(longestState, ...action.phases.map(phase => phase.length))
  const record = {
    operationId: limits.operationIdLength,
    state: longestState,
    status: longestStatus,
    percent: numberSize,
    detail: limits.detailLength,
    attempt: numberSize,
    acceptedTime: isoTimeSize,
    startedTime: isoTimeSize,
    updatedTime: isoTimeSize,
    finishedTime: isoTimeSize,
    error: 'codemessageretryable'.length + limits.nameLength + limits.errorMessageLength + booleanSize,
    result: schemaSize(action.result) ?? 0,
  }
  return Object.entries(record).reduce((sum, [key, size]) => sum + key.length + size, name.length)
}

/**
 * The most that the acknowledgement `{value, ac, av, ad}` of a configuration can take in the reported properties.
 *
 * @returns characters, as the hub counts them; the size of a value whose schema sets no bound is left out
 */
export function configurationSize(name: string, configuration: ConfigurationDefinition): number {
  const value = schemaSize(configuration.schema) ?? 0
  return name.length + 'valueacavad'.length + value + 2 * numberSize + limits.detailLength
}

/** The most that a value of a schema can take; undefined where its library tells no JSON Schema or the schema sets no bound. */
function schemaSize(schema: Schema | undefined): number | undefined {
  const document = jsonSchemaOf(schema)
  return document === undefined ? undefined : boundOf(document)
}

/** Standard JSON Schema is an optional part of Standard Schema: zod and arktype have it. */
function jsonSchemaOf(schema: Schema | undefined): JsonObject | undefined {
  if (schema === undefined) return undefined
  const standard: object = schema['~standard']
  const converter: unknown = Reflect.get(standard, 'jsonSchema')
  if (typeof converter !== 'object' || converter === null) return undefined
  const toInput: unknown = Reflect.get(converter, 'input')
  if (typeof toInput !== 'function') return undefined
  try {
    const document: unknown = toInput.call(converter, { target: 'draft-2020-12' })
    return isJsonObject(document) ? document : undefined
  } catch {
    return undefined // a schema that JSON Schema cannot express has no bound that could be read from it
  }
}

function boundOf(schema: JsonValue | undefined): number | undefined {
  if (!isJsonObject(schema)) return undefined
  if (schema.const !== undefined) return valueSize(schema.const)
  if (Array.isArray(schema.enum)) return Math.max(0, ...schema.enum.map(valueSize))
  const alternatives = schema.anyOf ?? schema.oneOf
  if (Array.isArray(alternatives)) return largest(alternatives.map((option: JsonValue) => boundOf(option)))
  switch (schema.type) {
    case 'null':
      return 0
    case 'boolean':
      return booleanSize
    case 'number':
    case 'integer':
      return numberSize
    case 'string':
      return typeof schema.maxLength === 'number' ? schema.maxLength : undefined
    case 'array': {
      const item = boundOf(schema.items)
      return typeof schema.maxItems === 'number' && item !== undefined ? schema.maxItems * item : undefined
    }
    case 'object':
      return objectBound(schema)
    default:
      return undefined
  }
}

function objectBound(schema: JsonObject): number | undefined {
  const properties = isJsonObject(schema.properties) ? schema.properties : {}
  const sizes = Object.entries(properties).map(([key, property]) => {
    const size = boundOf(property)
    return size === undefined ? undefined : key.length + size
  })
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0)
}

function largest(sizes: readonly (number | undefined)[]): number | undefined {
  return sizes.reduce((most, size) => (most === undefined || size === undefined ? undefined : Math.max(most, size)), 0)
}

function valueSize(value: JsonValue): number {
  switch (typeof value) {
    case 'string':
      return value.length
    case 'number':
      return numberSize
    case 'boolean':
      return booleanSize
    default:
      return value === null ? 0 : JSON.stringify(value).length
  }
}
