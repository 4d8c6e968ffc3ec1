import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import type { Schema } from './standard-schema.ts'

/**
 * The JSON Schema (draft 2020-12) of the wire side of a schema. Standard JSON Schema is an optional part of Standard Schema:
 * zod and arktype have it, valibot does not.
 *
 * @returns undefined where the library offers none, or JSON Schema cannot express the schema
 */
export function jsonSchemaOf(schema: Schema | undefined): JsonObject | undefined {
  const toInput = member(member(schema?.['~standard'], 'jsonSchema'), 'input')
  if (typeof toInput !== 'function') return undefined
  try {
    const document: unknown = toInput({ target: 'draft-2020-12' })
    return isJsonObject(document) ? document : undefined
  } catch {
    return undefined
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
