/** What the log asks of a file system. */
export interface Disk {
  /** Creates a file for the eyes of the owner only, or empties the one that is there. */
  create(path: string): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  /** Makes what was created and renamed in a folder outlive a power cut. */
  syncFolder(path: string): Promise<void>
}

/** A file that is written from its beginning to its end. */
export interface DiskFile {
  append(text: string): Promise<void>
  /** Makes what was appended outlive a power cut. */
  sync(): Promise<void>
  close(): Promise<void>
}
