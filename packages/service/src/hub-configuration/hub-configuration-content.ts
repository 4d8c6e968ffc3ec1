import type { ConfigurationInput, Contract, JsonObject, JsonValue } from '@iothub-dm/protocol'
import { encodeConfiguration } from '../configuration/encode-configuration.ts'

/** What a hub configuration makes devices desire: values of the configurations of the contract. */
export type HubConfigurationContent<TContract extends Contract> = {
  readonly [TName in keyof TContract['configurations']]?: ConfigurationInput<TContract['configurations'][TName]>
}

/**
 * Writes content as the hub wants it, by path.
 *
 * @throws InvalidRequestError when a value breaks its schema
 * @throws TypeError when there is nothing in it, or a name that is not in the contract
 */
export function encodeContent({ configurations }: Contract, content: Readonly<Record<string, unknown>>): JsonObject {
  const deviceContent: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(content)) {
    const definition = Object.hasOwn(configurations, name) ? configurations[name] : undefined
    if (definition === undefined) throw new TypeError(`content: the contract has no configuration '${name}'`)
    if (value !== undefined) deviceContent[`properties.desired.${name}`] = encodeConfiguration(name, definition, value)
  }
  if (Object.keys(deviceContent).length === 0) {
    throw new TypeError('content: expected at least one configuration of the contract')
  }
  return deviceContent
}
