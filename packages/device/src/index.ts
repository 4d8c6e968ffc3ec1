export {
  CorruptJournalError,
  PersistenceError,
  StateDirectoryLockedError,
  UnsupportedJournalVersionError,
} from './journal/errors.ts'
