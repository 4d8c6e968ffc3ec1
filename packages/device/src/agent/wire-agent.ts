import { ConfigurationManager } from '../configuration/configuration-manager.ts'
import { DesiredFollower } from '../configuration/desired-follower.ts'
import type { HubConnection } from '../connection/hub-connection.ts'
import { DesiredLane } from '../lanes/desired-lane.ts'
import { desiredSections } from '../lanes/desired-section.ts'
import { OperationManager } from '../operation/operation-manager.ts'
import { withOperationDefaults } from '../operation/operation-options.ts'
import type { RuntimeEnvironment } from '../operation/runtime-environment.ts'
import type { SecretStore } from '../operation/secret-store.ts'
import type { ReportedWriter } from '../reporting/reported-writer.ts'
import type { DeviceState } from '../state/device-state.ts'
import { type Admission, wireAdmission } from './admission.ts'
import type { AgentRuntimeOptions } from './agent-runtime-options.ts'
import { withDefaults } from './device-agent-options.ts'
import { Dispatcher } from './dispatcher.ts'
import { sleep } from './sleep.ts'
import { unknownMethodHandler } from './unknown-method.ts'
import { type Reporting, wireReporting } from './wire-reporting.ts'

/** How long a restart waits for the last report to leave. */
const flushTimeoutInMs = 5_000

/** The parts of an agent that are at work. */
export interface AgentParts {
  readonly connection: HubConnection
  readonly operations: OperationManager
  readonly configurations: ConfigurationManager
  readonly admission: Admission
  readonly lane: DesiredLane
  readonly dispatcher: Dispatcher
  readonly writer: ReportedWriter
}

/** Makes the parts of an agent on what the device remembers, and leads each to the others; nothing begins yet. */
export function wireAgent(start: AgentRuntimeOptions, state: DeviceState, secrets: SecretStore): AgentParts {
  const { clock, bootId, implementation, onError } = start
  const store = state.operations
  const { methodTimeoutInMs, maxConcurrentMethods } = withDefaults(start.options)
  const settings = withOperationDefaults(start.options)
  const environment: RuntimeEnvironment = {
    bootId,
    identityEpoch: () => state.identityEpoch,
    now: () => clock.now(),
    timestamp: () => new Date(clock.now()).toISOString(),
    sleep: (delayInMs, signal) => sleep(clock, delayInMs, signal),
    flushReports: () => reporting.writer.flush(flushTimeoutInMs),
  }
  const admission = wireAdmission({
    implementation,
    options: start.options,
    state,
    environment,
    clock,
    onChange: () => reporting.writer.changed(false),
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
    callHub: proof => (proof === 'newSession' ? connection.startOver() : reporting.writer.readAgain()),
    onChange: () => reporting.writer.changed(true),
    onAcknowledged: (name, acknowledgement) => start.onConfiguration?.(name, acknowledgement),
    onError,
  })
  const desired = new DesiredFollower({
    readTwin: () => reporting.writer.readAgain(),
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
      reporting.inventory.read()
      configurations.sessionBegan()
      desired.sessionBegan()
      reporting.writer.sessionBegan()
      start.onConnected()
    },
    onLost(reason) {
      reporting.writer.sessionLost()
      start.onDisconnected(reason)
    },
    onAttemptFailed: (reason, retryInMs) => start.onConnectFailed?.(reason, retryInMs),
    onIdentityConflict: onError,
    onDesired: (patch, version) => desired.patchReceived(patch, version),
  })
  const reporting: Reporting = wireReporting(start, { connection, store, configurations, admission, desired })
  const { writer } = reporting
  return { connection, operations, configurations, admission, lane, dispatcher, writer }
}
