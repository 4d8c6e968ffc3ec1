/** Why a state folder cannot be used. */
export type StorageErrorCode = 'FolderInUse' | 'NoState' | 'CorruptState' | 'UnknownVersion' | 'WriteFailed'

/** The folder in which a hub keeps its state cannot be used. */
export class StorageError extends Error {
  override readonly name: string = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
