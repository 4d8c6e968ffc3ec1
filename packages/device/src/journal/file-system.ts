/**
 * What the journal needs of a file system. Six calls change what a power cut leaves behind: `createFile`,
 * `WritableFile.write`, `WritableFile.sync`, `rename`, `syncDirectory` and `unlink`; a simulated disk behind this port
 * can therefore enumerate every state that a power cut allows.
 *
 * Every call rejects with an error that carries the system's `code`, such as `ENOSPC`.
 */
export interface FileSystem {
  /** Creates a directory and its parents, durably. One that is there already is left as it is. */
  createDirectory(path: string): Promise<void>
  /** Creates an empty file, opened for appending; rejects with `EEXIST` when the name is taken. */
  createFile(path: string): Promise<WritableFile>
  /** Moves a file to another name of its directory, atomically replacing what was there. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file. One that is not there is no error. */
  unlink(path: string): Promise<void>
  /** Makes the names of a directory durable: files created, renamed and removed in it. */
  syncDirectory(path: string): Promise<void>
  /** Reads a file whole; undefined when there is none. */
  readFile(path: string): Promise<Uint8Array | undefined>
  /** Lists the names in a directory, in no particular order. */
  readDirectory(path: string): Promise<readonly string[]>
}

/** A file that was created through a {@link FileSystem}, open for appending. */
export interface WritableFile {
  /** Appends all bytes, or rejects; some may have been written then. */
  write(bytes: Uint8Array): Promise<void>
  /** Resolves once all that was written will survive a power cut. The file's name is not part of that. */
  sync(): Promise<void>
  close(): Promise<void>
}
