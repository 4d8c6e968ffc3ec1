import { isJsonObject, isOperationState, isTerminalState, type JsonValue } from '@iothub-dm/protocol'

/** How an operation ended according to the text of a journal: its terminal state; undefined when it has not ended there. */
export function outcomeInJournal(journal: string, operationId: string): string | undefined {
  const entries = journal
    .split('\n')
    .filter(line => line !== '')
    .flatMap((line): JsonValue => JSON.parse(line.slice('checksum '.length)))
  const outcomes = entries.flatMap(entry => {
    if (!isJsonObject(entry) || entry.operationId !== operationId) return []
    const { record, event } = entry
    const state = isJsonObject(record) ? record.state : isJsonObject(event) ? event.type : undefined
    return isOperationState(state) && isTerminalState(state) ? [state] : []
  })
  return outcomes.at(-1)
}
