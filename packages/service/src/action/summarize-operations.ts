import { isOperationState, type OperationState, operationState } from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import type { HubCallOptions, QueryCalls } from '../hub/iot-hub.ts'
import type { Condition } from '../query/condition.ts'
import { readPages } from '../query/read-pages.ts'
import { actionPath } from '../query/twin-fields.ts'

/** How many devices are in each state with the newest operation of an action. */
export interface OperationSummary {
  /** Devices that the condition takes in. */
  readonly devices: number
  /** Those that have never reported an operation of the action. */
  readonly none: number
  readonly byState: { readonly [TState in OperationState]: number }
}

/**
 * Counts devices by the state of their newest operation, with one query whatever their number. As fresh as queries are: seconds
 * behind the twins, as a rule.
 */
export async function summarizeOperations(
  hub: QueryCalls,
  clock: Clock,
  actionName: string,
  condition: Condition<never> | undefined,
  options: HubCallOptions,
): Promise<OperationSummary> {
  const state = actionPath(actionName, 'state')
  const filter = condition === undefined ? '' : ` WHERE ${condition.text}`
  const text = `SELECT ${state} AS state, COUNT() AS devices FROM devices${filter} GROUP BY ${state}`
  const byState = emptyCounts()
  let devices = 0
  let none = 0
  for await (const page of readPages(hub, clock, text, options)) {
    for (const row of page) {
      const count = typeof row.devices === 'number' ? row.devices : 0
      devices += count
      if (isOperationState(row.state)) byState[row.state] += count
      else none += count
    }
  }
  return { devices, none, byState }
}

function emptyCounts(): { [TState in OperationState]: number } {
  const { accepted, waiting, running, restarting, succeeded, failed, rejected, cancelled, expired } = operationState
  return {
    [accepted]: 0,
    [waiting]: 0,
    [running]: 0,
    [restarting]: 0,
    [succeeded]: 0,
    [failed]: 0,
    [rejected]: 0,
    [cancelled]: 0,
    [expired]: 0,
  }
}
