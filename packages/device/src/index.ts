export {
  DeviceAgent,
  type DeviceAgentEvents,
  type OperationChange,
} from './agent/device-agent.ts'
export { type DeviceAgentOptions, deviceAgentDefaults } from './agent/device-agent-options.ts'
export type { UnknownMethodCall, UnknownMethodHandler } from './agent/unknown-method.ts'
export { HubConnectionError, type HubConnectionErrorCode, TwinRefusedError } from './connection/errors.ts'
export type {
  ActionHandler,
  ActionHandlers,
  ConfigurationContext,
  ConfigurationHandler,
  ConfigurationHandlers,
  ConfigurationWithDefaults,
  Handlers,
  MethodContext,
  MethodHandler,
  MethodHandlers,
} from './implementation/handlers.ts'
export {
  type BoundAction,
  type BoundConfiguration,
  type BoundMethod,
  type Implementation,
  implement,
} from './implementation/implement.ts'
export {
  CorruptJournalError,
  PersistenceError,
  StateDirectoryLockedError,
  UnsupportedJournalVersionError,
} from './journal/errors.ts'
export type { Operation, RestartOptions, StepContext, StepOptions } from './operation/operation.ts'
export {
  AgentClosedError,
  OperationCancelledError,
  OperationFailedError,
  RestartNotObservedError,
  StepInterruptedError,
} from './operation/operation-errors.ts'
