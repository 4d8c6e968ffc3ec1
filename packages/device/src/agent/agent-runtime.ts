import type { ConfigurationAcknowledgement, OperationRecord } from '@iothub-dm/protocol'
import { ConfigurationManager } from '../configuration/configuration-manager.ts'
import { DesiredFollower } from '../configuration/desired-follower.ts'
import type { Clock } from '../connection/clock.ts'
import type { HubConnection, HubConnectionListener } from '../connection/hub-connection.ts'
import { settledWithin } from '../connection/settled-within.ts'
import { openSurvivingJournal } from '../factory-reset/open-surviving-journal.ts'
import type { Implementation } from '../implementation/implement.ts'
import { inventoryPart } from '../inventory/inventory-part.ts'
import { InventoryReader } from '../inventory/inventory-reader.ts'
import type { FileSystem } from '../journal/file-system.ts'
import type { ProcessTable } from '../journal/process-table.ts'
import { lockStateDirectory, type StateDirectoryLock } from '../journal/state-directory-lock.ts'
import { DesiredLane } from '../lanes/desired-lane.ts'
import { desiredSections } from '../lanes/desired-section.ts'
import type { OperationLog } from '../operation/operation-log.ts'
import { OperationManager } from '../operation/operation-manager.ts'
import { withOperationDefaults } from '../operation/operation-options.ts'
import type { OperationStore } from '../operation/operation-store.ts'
import type { RuntimeEnvironment } from '../operation/runtime-environment.ts'
import { type SecretStore, SecretsFile } from '../operation/secret-store.ts'
import { askForFacts } from '../reporting/action-facts.ts'
import { configurationsPart } from '../reporting/configurations-part.ts'
import { operationsPart } from '../reporting/operations-part.ts'
import { ProgressPace } from '../reporting/progress-pace.ts'
import { ReportedWriter } from '../reporting/reported-writer.ts'
import { DeviceState } from '../state/device-state.ts'
import { type Admission, wireAdmission } from './admission.ts'
import { type DeviceAgentOptions, withDefaults } from './device-agent-options.ts'
import { Dispatcher } from './dispatcher.ts'
import { sleep } from './sleep.ts'
import { unknownMethodHandler } from './unknown-method.ts'

/** How long a restart waits for the last report to leave. */
const flushTimeoutInMs = 5_000
/** How long closing waits for handlers that do not heed their signal, and for the goodbye to the hub. */
const closeTimeoutInMs = 5_000

/** What {@link AgentRuntime.start} is given. */
export interface AgentRuntimeOptions {
  readonly implementation: Implementation
  readonly options: DeviceAgentOptions
  readonly bootId: string
  readonly connect: (listener: HubConnectionListener) => HubConnection
  readonly clock: Clock
  /** @default the file system of this machine */
  readonly fileSystem?: FileSystem | undefined
  /** @default the processes of this machine */
  readonly processes?: ProcessTable | undefined
  readonly onConnected: () => void
  readonly onDisconnected: (reason: Error) => void
  readonly onConnectFailed?: ((reason: Error, retryInMs: number) => void) | undefined
  readonly onOperation: (action: string, record: OperationRecord) => void
  readonly onConfiguration?:
    | ((name: string, acknowledgement: ConfigurationAcknowledgement | undefined) => void)
    | undefined
  readonly onError: (error: unknown) => void
}

interface Parts {
  readonly lock: StateDirectoryLock
  readonly state: DeviceState
  readonly connection: HubConnection
  readonly operations: OperationManager
  readonly configurations: ConfigurationManager
  readonly admission: Admission
  readonly lane: DesiredLane
  readonly dispatcher: Dispatcher
  readonly writer: ReportedWriter
  readonly clock: Clock
}

/** The parts of an open agent, wired together. */
export class AgentRuntime {
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Opens the state directory, wires everything, and goes on with unfinished operations; does not yet connect. */
  static async start(start: AgentRuntimeOptions): Promise<AgentRuntime> {
    const { clock, bootId, implementation, fileSystem, processes, onError } = start
    const { actions } = implementation.contract
    const directory = start.options.stateDirectory
    const lock = await lockStateDirectory({ directory, bootId, fileSystem, processes })
    let state: DeviceState | undefined
    try {
      const store = start.options.survivalStore
      state = await DeviceState.open({
        directory,
        surviving: await openSurvivingJournal({ actions, stateDirectory: directory, store, fileSystem, onError }),
        fileSystem,
        now: () => clock.now(),
        actionOf: name => (Object.hasOwn(actions, name) ? actions[name] : undefined),
      })
      const { operations } = state
      const isUnderWay = (operationId: string) => operations.isUnderWay(operationId)
      const secrets = await SecretsFile.open({ directory, fileSystem, isUnderWay })
      return AgentRuntime.#wire(start, lock, state, secrets)
    } catch (error) {
      await state?.close()
      await lock.release()
      throw error
    }
  }

  static #wire(
    start: AgentRuntimeOptions,
    lock: StateDirectoryLock,
    state: DeviceState,
    secrets: SecretStore,
  ): AgentRuntime {
    const { clock, bootId, implementation, onError } = start
    const store = state.operations
    const { methodTimeoutInMs, maxConcurrentMethods, progressIntervalInMs } = withDefaults(start.options)
    const settings = withOperationDefaults(start.options)
    const environment: RuntimeEnvironment = {
      bootId,
      identityEpoch: () => state.identityEpoch,
      now: () => clock.now(),
      timestamp: () => new Date(clock.now()).toISOString(),
      sleep: (delayInMs, signal) => sleep(clock, delayInMs, signal),
      flushReports: () => writer.flush(flushTimeoutInMs),
    }
    const admission = wireAdmission({
      implementation,
      options: start.options,
      state,
      environment,
      clock,
      onChange: () => writer.changed(false),
    })
    const operations = new OperationManager({
      store,
      environment,
      actions: implementation.actions,
      gate: admission.gate,
      secrets,
      ...settings,
      onError,
    })
    const configurations = new ConfigurationManager({
      configurations: new Map([...implementation.configurations, ...admission.configurations]),
      store: state.configurations,
      clock,
      sleep: (delayInMs, signal) => sleep(clock, delayInMs, signal),
      maxAttempts: settings.maxAttempts,
      callHub: proof => (proof === 'newSession' ? connection.startOver() : writer.readAgain()),
      onChange: () => writer.changed(true),
      onAcknowledged: (name, acknowledgement) => start.onConfiguration?.(name, acknowledgement),
      onError,
    })
    const desired = new DesiredFollower({
      readTwin: () => writer.readAgain(),
      onNews(news) {
        // Before the lane: what a policy holds must not begin in the moment in which both come.
        admission.desiredChanged(news)
        configurations.desiredChanged(news)
        lane.desiredChanged(news)
      },
    })
    const lane = new DesiredLane({
      sections: desiredSections(implementation),
      operations,
      store,
      notes: state.notes,
      clock,
      flushReports: () => environment.flushReports(),
      onError,
    })
    const onUnknownMethod = unknownMethodHandler(start.options.onUnknownMethod)
    const dispatcher = new Dispatcher({
      implementation,
      operations,
      methodTimeoutInMs,
      maxConcurrentMethods,
      clock,
      onUnknownMethod,
      onError,
    })
    const connection = start.connect({
      onMethod: call => dispatcher.dispatch(call),
      onSession() {
        inventory.read()
        configurations.sessionBegan()
        desired.sessionBegan()
        writer.sessionBegan()
        start.onConnected()
      },
      onLost(reason) {
        writer.sessionLost()
        start.onDisconnected(reason)
      },
      onAttemptFailed: (reason, retryInMs) => start.onConnectFailed?.(reason, retryInMs),
      onIdentityConflict: onError,
      onDesired: (patch, version) => desired.patchReceived(patch, version),
    })
    const facts = askForFacts(implementation.actions, { onChange: () => writer.changed(true), onError })
    const pace = new ProgressPace(progressIntervalInMs)
    const inventory = new InventoryReader({
      source: start.options.inventory,
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
    followChanges(store, writer, pace, start.onOperation)
    operations.resume()
    configurations.resume()
    const parts = { lock, state, connection, operations, configurations, admission, lane, dispatcher, writer, clock }
    return new AgentRuntime(parts)
  }

  /** Updates of the reported properties that were sent so far. */
  get reportedUpdates(): number {
    return this.#parts.writer.updates
  }

  /** Connects; see `HubConnection.open`. */
  connect(abortSignal: AbortSignal | undefined): Promise<void> {
    return this.#parts.connection.open({ abortSignal })
  }

  /** Ends everything within a bounded time. */
  async close(): Promise<void> {
    const { operations, configurations, admission, lane, dispatcher, writer, connection, state, lock, clock } =
      this.#parts
    dispatcher.close()
    admission.close()
    const ending = [operations.close(), configurations.close(), lane.close()]
    await settledWithin(Promise.all(ending), closeTimeoutInMs, clock)
    writer.close()
    await settledWithin(connection.close(), closeTimeoutInMs, clock)
    await state.close()
    await lock.release()
  }
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
