import { type ConfigurationDefinition, type JsonValue, toJson, validate } from '@iothub-dm/protocol'
import { InvalidRequestError } from '../errors/request-errors.ts'

/**
 * What is written for a value: the value itself, not what the schema makes of it, because that is for the device.
 *
 * @throws InvalidRequestError when it breaks its schema
 * @throws TypeError for null, which takes a desired property away
 */
export function encodeConfiguration(name: string, { schema }: ConfigurationDefinition, value: unknown): JsonValue {
  const item = `configuration '${name}'`
  const checked = validate(schema, value, item)
  if (!checked.valid) throw new InvalidRequestError(item, checked.issues)
  const section = toJson(value, item)
  if (section === null) throw new TypeError(`${item}: null takes it away, which is what clear() does`)
  return section
}
