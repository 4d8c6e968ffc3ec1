import { basename } from 'node:path'
import type { FileSystem, WritableFile } from '../../src/journal/file-system.ts'

/** What a disk holds: the files of one directory by name. */
export type DiskImage = ReadonlyMap<string, Uint8Array>

/** One call that changed a disk. A failed sync is kept because of what it does to later ones. */
export type DiskCall =
  | { readonly kind: 'create'; readonly name: string; readonly inode: number }
  | { readonly kind: 'write'; readonly inode: number; readonly bytes: Uint8Array }
  | { readonly kind: 'sync'; readonly inode: number }
  | { readonly kind: 'failedSync'; readonly inode: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly name: string }
  | { readonly kind: 'syncDirectory' }

/** The six calls that change a disk; each can be made to fail. */
export type FallibleCall = 'createFile' | 'write' | 'sync' | 'rename' | 'syncDirectory' | 'unlink'

/** Options of {@link SimulatedDisk}. */
export interface SimulatedDiskOptions {
  /** What the disk holds at first, durably. */
  readonly image?: DiskImage | undefined
  /** Decides before each call whether it fails, and with which system code. A failing write leaves half of its bytes. */
  readonly fault?: ((call: FallibleCall, name: string) => string | undefined) | undefined
}

/**
 * Test support: a disk with one directory, in memory. It behaves like a file system whose machine stays up, and logs
 * what `powerCutImages` needs to tell what the disk may hold when the machine does not.
 */
export class SimulatedDisk implements FileSystem {
  /** What the disk held at first. */
  readonly initialImage: DiskImage
  /** The calls that changed the disk, in their order. */
  readonly calls: DiskCall[] = []
  readonly #files: Map<string, Uint8Array[]>
  readonly #fault: (call: FallibleCall, name: string) => string | undefined
  #inodes = 0

  constructor(options: SimulatedDiskOptions = {}) {
    this.initialImage = options.image ?? new Map()
    this.#files = new Map(Array.from(this.initialImage, ([name, bytes]) => [name, [bytes]]))
    this.#fault = options.fault ?? (() => undefined)
  }

  async createDirectory(): Promise<void> {}

  async createFile(path: string): Promise<WritableFile> {
    const name = basename(path)
    this.#failIfAsked('createFile', name)
    if (this.#files.has(name)) throw systemError('EEXIST')
    const chunks: Uint8Array[] = []
    const inode = this.#inodes++
    this.#files.set(name, chunks)
    this.calls.push({ kind: 'create', name, inode })
    return {
      write: async bytes => {
        const code = this.#fault('write', name)
        const written = code === undefined ? bytes : bytes.subarray(0, bytes.length >> 1)
        chunks.push(written)
        this.calls.push({ kind: 'write', inode, bytes: written })
        if (code !== undefined) throw systemError(code)
      },
      sync: async () => {
        const code = this.#fault('sync', name)
        this.calls.push({ kind: code === undefined ? 'sync' : 'failedSync', inode })
        if (code !== undefined) throw systemError(code)
      },
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const names = { from: basename(from), to: basename(to) }
    this.#failIfAsked('rename', names.to)
    const chunks = this.#files.get(names.from)
    if (chunks === undefined) throw systemError('ENOENT')
    this.#files.delete(names.from)
    this.#files.set(names.to, chunks)
    this.calls.push({ kind: 'rename', ...names })
  }

  async unlink(path: string): Promise<void> {
    const name = basename(path)
    this.#failIfAsked('unlink', name)
    if (this.#files.delete(name)) this.calls.push({ kind: 'unlink', name })
  }

  async syncDirectory(path: string): Promise<void> {
    this.#failIfAsked('syncDirectory', basename(path))
    this.calls.push({ kind: 'syncDirectory' })
  }

  async readFile(path: string): Promise<Uint8Array | undefined> {
    const chunks = this.#files.get(basename(path))
    return chunks === undefined ? undefined : Buffer.concat(chunks)
  }

  async readDirectory(): Promise<readonly string[]> {
    return [...this.#files.keys()]
  }

  #failIfAsked(call: FallibleCall, name: string): void {
    const code = this.#fault(call, name)
    if (code !== undefined) throw systemError(code)
  }
}

/** A port to a disk on which some calls do something else. */
export function varyCalls(disk: SimulatedDisk, variants: Partial<FileSystem>): FileSystem {
  return {
    createDirectory: () => disk.createDirectory(),
    createFile: path => disk.createFile(path),
    rename: (from, to) => disk.rename(from, to),
    unlink: path => disk.unlink(path),
    syncDirectory: path => disk.syncDirectory(path),
    readFile: path => disk.readFile(path),
    readDirectory: () => disk.readDirectory(),
    ...variants,
  }
}

/** An error as the system makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}
