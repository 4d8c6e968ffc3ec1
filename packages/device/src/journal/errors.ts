import { IotHubDmError } from '@iothub-dm/protocol'
import { errnoOf } from './errno.ts'

/**
 * Thrown when the state directory cannot be read or written: wrong path, missing rights, full or failing disk.
 * Nothing was acknowledged. The same call may succeed once the disk does.
 */
export class PersistenceError extends IotHubDmError<'PersistenceFailed'> {
  override readonly name: string = 'PersistenceError'
  /** The file or directory that could not be used. */
  readonly path: string
  /** The system's error code, such as `ENOSPC` or `EACCES`, where there is one. */
  readonly causeCode: string | undefined

  /**
   * @param attempt what was tried, as the end of "cannot ..."
   * @param path the file or directory that it was tried on
   * @param cause what the file system threw
   */
  constructor(attempt: string, path: string, cause: unknown) {
    const causeCode = errnoOf(cause)
    super('PersistenceFailed', `cannot ${attempt} ${path}: ${causeCode ?? String(cause)}`, { cause, retryable: true })
    this.path = path
    this.causeCode = causeCode
  }
}

/**
 * Thrown when the journal holds damage that a power cut cannot explain, such as a bad line with a good one after it.
 * The file is left as it is: what it says can no longer be trusted, and only its owner can decide to start anew.
 */
export class CorruptJournalError extends IotHubDmError<'CorruptJournal'> {
  override readonly name: string = 'CorruptJournalError'
  /** The journal file. */
  readonly path: string
  /** The first bad line, counted from 1; line 1 is the header. */
  readonly lineNumber: number

  constructor(path: string, lineNumber: number, reason: string, options: { readonly cause?: unknown } = {}) {
    super('CorruptJournal', `the journal ${path} is corrupt in line ${lineNumber}: ${reason}`, options)
    this.path = path
    this.lineNumber = lineNumber
  }
}

/**
 * Thrown when the journal was written by a newer release, for example after the firmware was rolled back.
 * The file is left as it is, so that the newer release can go on with it.
 */
export class UnsupportedJournalVersionError extends IotHubDmError<'UnsupportedJournalVersion'> {
  override readonly name: string = 'UnsupportedJournalVersionError'
  /** The journal file. */
  readonly path: string
  /** The format version that the file states. */
  readonly version: number

  constructor(path: string, version: number, supportedVersion: number) {
    super(
      'UnsupportedJournalVersion',
      `the journal ${path} has format version ${version}; this release reads versions up to ${supportedVersion}`,
    )
    this.path = path
    this.version = version
  }
}

/** Thrown when a living process already works on the state directory, this one included. */
export class StateDirectoryLockedError extends IotHubDmError<'StateDirectoryLocked'> {
  override readonly name: string = 'StateDirectoryLockedError'
  /** The state directory. */
  readonly directory: string
  /** The process that holds it. */
  readonly pid: number

  constructor(directory: string, pid: number) {
    super('StateDirectoryLocked', `the state directory ${directory} is in use by process ${pid}`, { retryable: true })
    this.directory = directory
    this.pid = pid
  }
}
