/**
 * Every error code that an iothub-dm package throws, with its meaning in one line. The codes are stable: compare them,
 * not messages or classes. `docs/errors.md` holds the same table; a test keeps the two in step.
 */
export const errorCodes = {
  AgentClosed: 'the agent is closed; what was under way goes on in the next life',
  ConnectionClosed: 'the connection to the hub was closed by its owner',
  ConnectionLost:
    'the connection to the hub ended, or there is none at the moment; what was pending may have been carried out',
  CorruptJournal: 'the journal in the state directory is damaged in a way that a power cut does not explain',
  DeviceNotFound: 'the hub knows no device of this id',
  DeviceOffline: 'the device is not connected, or its connection ended during the call',
  DeviceTimeout: 'the device did not answer in time; whether it acted is unknown',
  HubRefused: 'the hub refused the call for a reason that has no code of its own here; see `hubCode`',
  HubTimeout: 'the hub did not answer within the deadline of the call',
  HubUnavailable: 'the hub cannot be reached, or answered that it cannot serve now',
  IllegalTransition: 'an event does not fit the state that an operation is in',
  InvalidConnectionString: 'a connection string is malformed or of the wrong kind',
  InvalidContract: 'a contract definition breaks a rule of IoT Hub or of this library',
  InvalidHubAnswer: 'what came back is not an answer of IoT Hub: a proxy page, an empty body, a missing member',
  InvalidHubRequest: 'the hub refused the request as malformed',
  OperationCancelled: 'the operation was cancelled',
  OperationFailed: 'an operation ended as failed, with a code of its own action',
  PayloadTooLarge: 'the hub refused the request as too large',
  PersistenceFailed: 'the state directory cannot be read or written; nothing was acknowledged',
  PreconditionFailed: 'the object changed since it was read: its ETag is stale',
  QuotaExceeded: 'a quota of the hub is used up',
  ReportRefused: 'the hub refused an update of the reported properties',
  RestartNotObserved: 'the device was told to restart and is still in the same boot',
  StateDirectoryLocked: 'a living process already works on the state directory',
  StepInterrupted: 'a step that must not be repeated was cut off in the middle',
  Throttled: 'the hub asks to slow down',
  TwinReadRefused: 'the hub refused to give the device its twin',
  Unauthorized: 'the hub refused the credentials, or they lack the permission',
  UnsupportedJournalVersion: 'a newer release wrote the journal in the state directory',
} as const

/** A stable error code of an iothub-dm package. */
export type ErrorCode = keyof typeof errorCodes
