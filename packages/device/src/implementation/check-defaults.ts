import {
  type ConfigurationDefinition,
  describeIssues,
  findTwinIssue,
  type JsonValue,
  toJson,
  validate,
} from '@iothub-dm/protocol'

/** At which level below the root of the reported properties the value of an acknowledgement stands: `<name>.value`. */
const valueLevel = 2

/**
 * Refuses defaults of a configuration that a back end could not have set, before any report is spent on them.
 *
 * @throws TypeError naming the configuration and the path
 */
export function checkDefaults(
  name: string,
  { schema }: ConfigurationDefinition,
  defaults: unknown,
): JsonValue | undefined {
  if (defaults === undefined) return undefined
  const item = `defaults of configuration '${name}'`
  const json = toJson(defaults, item)
  const validation = validate(schema, json, item)
  if (!validation.valid) throw new TypeError(`${item}: ${describeIssues(validation.issues)}`)
  const issue = findTwinIssue(json, valueLevel)
  if (issue !== undefined) throw new TypeError(`${item}: ${describeIssues([issue])}`)
  return json
}
