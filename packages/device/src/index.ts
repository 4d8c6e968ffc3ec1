export { HubConnectionError, type HubConnectionErrorCode, TwinRefusedError } from './connection/errors.ts'
export {
  CorruptJournalError,
  PersistenceError,
  StateDirectoryLockedError,
  UnsupportedJournalVersionError,
} from './journal/errors.ts'
