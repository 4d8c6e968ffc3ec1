import { isTerminalState, type JsonObject, operationState, reportedRoot } from '@iothub-dm/protocol'
import { literal } from '../query/literal.ts'
import { maxQueryLength } from '../query/read-pages.ts'
import { actionPath } from '../query/twin-fields.ts'
import { inChunks } from './in-chunks.ts'
import type { AwaitedOperation } from './operation-tracker.ts'

/** A query for operations of one action that are over. */
export interface EndQuery {
  readonly actionName: string
  readonly text: string
}

const terminalStates = Object.values(operationState).filter(isTerminalState).map(literal).join(', ')

/**
 * The queries that find those of the operations that are over, and nothing else: what a row costs is paid once for each operation.
 * However old an answer is, an operation that is over stays so.
 */
export function endQueries(awaited: readonly AwaitedOperation[]): readonly EndQuery[] {
  const actionNames = [...new Set(awaited.map(({ actionName }) => actionName))]
  return actionNames.flatMap(actionName => {
    const head =
      `SELECT deviceId, ${actionPath(actionName)} AS record FROM devices WHERE ` +
      `${actionPath(actionName, 'state')} IN [${terminalStates}] AND ${actionPath(actionName, 'operationId')} IN [`
    const ids = awaited.filter(operation => operation.actionName === actionName).map(({ operationId }) => operationId)
    const chunks = inChunks(ids.map(literal), maxQueryLength - head.length - 1)
    return chunks.map(chunk => ({ actionName, text: `${head}${chunk}]` }))
  })
}

/** The reported properties that a row of such a query stands for: the section of the action, and nothing besides. */
export function reportedOf(actionName: string, record: JsonObject): JsonObject {
  return { [reportedRoot]: { [actionName]: record } }
}
