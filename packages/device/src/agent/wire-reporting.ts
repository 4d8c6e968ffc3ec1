import type { OperationRecord } from '@iothub-dm/protocol'
import type { ConfigurationManager } from '../configuration/configuration-manager.ts'
import type { DesiredFollower } from '../configuration/desired-follower.ts'
import type { HubConnection } from '../connection/hub-connection.ts'
import { inventoryPart } from '../inventory/inventory-part.ts'
import { InventoryReader } from '../inventory/inventory-reader.ts'
import type { OperationLog } from '../operation/operation-log.ts'
import type { OperationStore } from '../operation/operation-store.ts'
import { askForFacts } from '../reporting/action-facts.ts'
import { configurationsPart } from '../reporting/configurations-part.ts'
import { operationsPart } from '../reporting/operations-part.ts'
import { ProgressPace } from '../reporting/progress-pace.ts'
import { ReportedWriter } from '../reporting/reported-writer.ts'
import type { Admission } from './admission.ts'
import type { AgentRuntimeOptions } from './agent-runtime-options.ts'
import { withDefaults } from './device-agent-options.ts'

/** What an agent reports about. */
export interface ReportingSources {
  readonly connection: HubConnection
  readonly store: OperationStore
  readonly configurations: ConfigurationManager
  readonly admission: Admission
  readonly desired: DesiredFollower
}

/** What an agent reports with. */
export interface Reporting {
  readonly writer: ReportedWriter
  readonly inventory: InventoryReader
}

/** Puts together everything that an agent reports, behind its one writer. */
export function wireReporting(
  { implementation, options, clock, onOperation, onError }: AgentRuntimeOptions,
  { connection, store, configurations, admission, desired }: ReportingSources,
): Reporting {
  const { progressIntervalInMs } = withDefaults(options)
  const facts = askForFacts(implementation.actions, { onChange: () => writer.changed(true), onError })
  const pace = new ProgressPace(progressIntervalInMs)
  const inventory = new InventoryReader({
    source: options.inventory,
    onChange: () => writer.changed(true),
    onError,
  })
  const writer = new ReportedWriter({
    connection,
    parts: [
      operationsPart({
        actions: implementation.contract.actions,
        operations: () => store.shown(),
        onSent: operationId => pace.reported(operationId),
        facts,
        onReported: async operationId => {
          await store.record({ type: 'reported', operationId })
          // Another operation of the action may have waited for this.
          writer.changed(true)
        },
      }),
      configurationsPart(
        () => configurations.acknowledgements(),
        name => ({
          acknowledgement: implementation.configurations.get(name)?.definition.acknowledgement,
          beside: admission.report(name),
        }),
      ),
      inventoryPart(() => inventory.inventory),
    ],
    onRead: desired,
    onCall: () => configurations.callBegan(),
    onError,
    clock,
    progressIntervalInMs,
  })
  followChanges(store, writer, pace, onOperation)
  return { writer, inventory }
}

/** Reports every change, at once unless only the percentage or the detail is new. */
function followChanges(
  store: OperationStore,
  writer: ReportedWriter,
  pace: ProgressPace,
  onOperation: (action: string, record: OperationRecord) => void,
): void {
  const last = new Map<string, OperationRecord>()
  store.onChange((log: OperationLog) => {
    const before = last.get(log.action)
    const { action, record } = log
    if (log.reported) pace.forget(log.operationId)
    if (before === record) return
    last.set(action, record)
    const urgent = before?.state !== record.state || before.status !== record.status
    writer.changed(urgent, pace.intervalOf(log.operationId))
    onOperation(action, record)
  })
}
