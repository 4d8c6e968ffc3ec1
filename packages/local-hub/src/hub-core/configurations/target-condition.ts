import { HubError } from '../error/hub-error.ts'
import { QueryError } from '../query/query-error.ts'
import { parseCondition } from '../query/syntax/condition-parser.ts'
import { type Expression, node } from '../query/syntax/expression.ts'
import { pathsIn } from '../query/syntax/paths-in.ts'
import type { Condition } from '../query/syntax/query.ts'
import type { Path } from '../query/syntax/resolve-path.ts'
import type { ContentKind } from './configuration-content.ts'

const isEdgeDevice = parseCondition('capabilities.iotEdge = true').where

/**
 * Reads the target condition of a configuration (wire reference 6.2, 6.3).
 *
 * @returns what to look for, or undefined for an empty condition, which targets nothing.
 * @throws HubError 400 `InvalidConfigurationTargetCondition`.
 */
export function parseTargetCondition(text: string, kind: ContentKind): Condition | undefined {
  if (text.trim() === '') return undefined
  const condition = parse(text)
  if (kind === 'module' && condition.collection !== 'devices.modules') {
    throw invalid('the condition of a module configuration must begin with FROM devices.modules WHERE.')
  }
  if (kind !== 'module' && condition.collection !== 'devices') throw invalid('the condition must be about devices.')
  if (condition.where !== undefined) assertTargetable(condition.collection, condition.where)
  return kind === 'edge' ? { collection: 'devices', where: both(isEdgeDevice, condition.where) } : condition
}

function parse(text: string): Condition {
  try {
    return parseCondition(text)
  } catch (error) {
    throw error instanceof QueryError ? invalid(error.message) : error
  }
}

function assertTargetable(collection: Condition['collection'], where: Expression): void {
  const illegal = pathsIn(collection, where).find(path => !isTargetable(path, collection))
  if (illegal !== undefined) {
    throw invalid(`'${illegal.join('.')}' cannot be used; only ids, tags and properties.reported can.`)
  }
}

function isTargetable([root, inner]: Path, collection: Condition['collection']): boolean {
  switch (root) {
    case 'deviceId':
    case 'tags':
      return true
    case 'moduleId':
      return collection === 'devices.modules'
    case 'properties':
      return inner === 'reported'
    default:
      return false
  }
}

function both(first: Expression | undefined, second: Expression | undefined): Expression | undefined {
  if (first === undefined || second === undefined) return first ?? second
  return node({ kind: 'logical', operator: 'AND', operands: [first, second] })
}

function invalid(reason: string): HubError {
  return new HubError('InvalidConfigurationTargetCondition', `The target condition is invalid: ${reason}`)
}
