import { desiredOperationValue, type JsonObject, type JsonValue, reportedRoot } from '@iothub-dm/protocol'
import type { BoundAction, Implementation } from '../implementation/implement.ts'

/** A part of the desired properties that starts operations. */
export interface DesiredSection {
  /** Path of the part: `iothubDM.reboot`, or the name of a documented section, such as `firmware`. */
  readonly path: string
  readonly actionName: string
  readonly action: BoundAction
  /**
   * What the part asks for, as the direct method would carry it; undefined when it asks for nothing.
   *
   * @param properties the desired properties
   */
  payloadOf(properties: JsonObject): JsonValue | undefined
}

/**
 * The parts of the desired properties that start the actions of a contract: `iothubDM.<action>` for each, and the documented
 * sections of patterns, unless a configuration of the contract has the same name.
 */
export function desiredSections({ actions, contract }: Implementation): readonly DesiredSection[] {
  return [...actions].flatMap(([actionName, action]) => {
    const own: DesiredSection = {
      path: `${reportedRoot}.${actionName}`,
      actionName,
      action,
      payloadOf: properties => desiredOperationValue(actionName, properties),
    }
    const documented = action.definition.pattern?.desired
    if (documented === undefined || Object.hasOwn(contract.configurations, documented.section)) return [own]
    const { section, toRequest } = documented
    const toPayload = (properties: JsonObject) => {
      const value = Object.hasOwn(properties, section) ? properties[section] : undefined
      return value === undefined ? undefined : toRequest(value)
    }
    return [own, { path: section, actionName, action, payloadOf: toPayload }]
  })
}
