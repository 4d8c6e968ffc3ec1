import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { isTwinKey } from '../json/twin-rules.ts'
import { limits } from '../operation/limits.ts'
import { jsonSchemaOf } from '../schema/json-schema.ts'
import type { Schema } from '../schema/standard-schema.ts'
import { ContractError } from './contract-error.ts'

/**
 * Refuses a schema whose values the hub would not store in a twin: keys with characters that it refuses, objects nested too
 * deeply. Only a schema whose library tells its JSON Schema can be looked into.
 *
 * @param item what the schema belongs to, for the error
 * @param level where its values stand, one of `twinLevel`
 * @throws ContractError naming the item and the rule
 */
export function checkTwinShape(item: string, schema: Schema | undefined, level: number): void {
  checkNode(item, jsonSchemaOf(schema), level)
}

function checkNode(item: string, node: JsonValue | undefined, level: number): void {
  if (!isJsonObject(node)) return
  for (const option of [...list(node.anyOf), ...list(node.oneOf), ...list(node.allOf)]) checkNode(item, option, level)
  if (node.type !== 'object' && node.type !== 'array') return
  if (level > limits.twinDepth) {
    throw new ContractError(item, `is nested too deeply: a twin holds ${limits.twinDepth} levels of objects and arrays`)
  }
  const properties: JsonObject = isJsonObject(node.properties) ? node.properties : {}
  for (const key of Object.keys(properties)) {
    if (!isTwinKey(key)) {
      throw new ContractError(
        item,
        `the key '${key}' must not hold '.', '$', '#', blanks or control characters, or be longer than 1024 bytes`,
      )
    }
  }
  const members = [...Object.values(properties), node.additionalProperties, ...list(node.prefixItems), node.items]
  for (const member of members) checkNode(item, member, level + 1)
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
