import { dirname } from 'node:path'
import type { SlotFileSystem } from '../../src/firmware/slots/slot-file-system.ts'
import { systemError } from '../journal/simulated-disk.ts'

/** What has a name: a directory, a link, or a file with its bytes. */
export type Entry =
  | { readonly kind: 'directory' }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'file'; readonly bytes: string }

/** What a disk holds: every entry by its whole path. */
export type SlotImage = ReadonlyMap<string, Entry>

type NamedEntry = Exclude<Entry, { readonly kind: 'file' }> | { readonly kind: 'file'; readonly inode: Inode }

/** A file: what was written, and how much of it a power cut leaves. */
interface Inode {
  bytes: string
  synced: number
}

/** A change of the names in one directory. */
interface NameChange {
  readonly directory: string
  readonly name: string
  readonly entry: NamedEntry | undefined
  /** Changes of one call are there together, or not at all. */
  readonly call: number
}

/**
 * Test support: a disk with directories and symbolic links, in memory. `powerCutImages` tells what it may hold when the power is cut:
 * of the names of each directory all that was synced, and any number of the changes since, in their order and apart from those of
 * other directories; of a file what was synced, and of the rest nothing, a half or all.
 */
export class SimulatedSlotDisk implements SlotFileSystem {
  /** Calls that changed something so far. */
  calls = 0
  /** Called before each of them. */
  beforeCall: () => void = () => {}
  readonly #names = new Map<string, NamedEntry>()
  readonly #durable = new Map<string, NamedEntry>()
  #pending: NameChange[] = []

  constructor(image: SlotImage = new Map()) {
    for (const [path, entry] of image) {
      const named: NamedEntry =
        entry.kind === 'file' ? { kind: 'file', inode: { bytes: entry.bytes, synced: entry.bytes.length } } : entry
      this.#names.set(path, named)
      this.#durable.set(path, named)
    }
  }

  async createDirectory(path: string): Promise<void> {
    if (!this.#names.has(path)) await this.makeDirectory(path)
  }

  async makeDirectory(path: string): Promise<void> {
    this.#create(path, { kind: 'directory' })
  }

  async createLink(target: string, path: string): Promise<void> {
    this.#create(path, { kind: 'link', target })
  }

  async createFile(path: string): ReturnType<SlotFileSystem['createFile']> {
    const inode: Inode = { bytes: '', synced: 0 }
    this.#create(path, { kind: 'file', inode })
    return {
      write: async bytes => {
        this.#begin()
        inode.bytes += Buffer.from(bytes).toString('latin1')
      },
      sync: async () => {
        this.#begin()
        inode.synced = inode.bytes.length
      },
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const entry = this.#names.get(from)
    if (entry === undefined) throw systemError('ENOENT')
    this.#begin()
    this.#change(from, undefined)
    this.#change(to, entry)
  }

  async unlink(path: string): Promise<void> {
    if (!this.#names.has(path)) return
    this.#begin()
    this.#change(path, undefined)
  }

  async removeTree(path: string): Promise<void> {
    for (const child of [...this.#names.keys()].filter(name => dirname(name) === path)) await this.removeTree(child)
    await this.unlink(path)
  }

  async syncDirectory(path: string): Promise<void> {
    this.#begin()
    for (const { directory, name, entry } of this.#pending) {
      if (directory === path) set(this.#durable, name, entry)
    }
    this.#pending = this.#pending.filter(({ directory }) => directory !== path)
  }

  async syncTree(): Promise<void> {
    throw systemError('ENOSYS')
  }

  async readFile(path: string): Promise<Uint8Array | undefined> {
    const entry = this.#names.get(path)
    return entry?.kind === 'file' ? Buffer.from(entry.inode.bytes, 'latin1') : undefined
  }

  async *readBlocks(path: string): AsyncGenerator<Uint8Array> {
    const bytes = await this.readFile(path)
    if (bytes === undefined) throw systemError('ENOENT')
    yield bytes
  }

  async readLink(path: string): Promise<string | undefined> {
    const entry = this.#names.get(path)
    return entry?.kind === 'link' ? entry.target : undefined
  }

  async readDirectory(path: string): Promise<readonly string[]> {
    return [...this.#names.keys()].filter(name => dirname(name) === path).map(name => name.slice(path.length + 1))
  }

  /** All that a power cut allows now. */
  *powerCutImages(): Generator<SlotImage> {
    const directories = [...new Set(this.#pending.map(({ directory }) => directory))]
    for (const kept of choices(directories.map(directory => this.#callsIn(directory)))) {
      const names = new Map(this.#durable)
      for (const { directory, name, entry, call } of this.#pending) {
        if (call <= (kept[directories.indexOf(directory)] ?? -1)) set(names, name, entry)
      }
      yield* contents([...names])
    }
  }

  /** The calls that changed a directory since it was synced, after a call before all of them. */
  #callsIn(path: string): readonly number[] {
    return [-1, ...new Set(this.#pending.flatMap(({ directory, call }) => (directory === path ? call : [])))]
  }

  #create(path: string, entry: NamedEntry): void {
    if (this.#names.has(path)) throw systemError('EEXIST')
    this.#begin()
    this.#change(path, entry)
  }

  #begin(): void {
    this.beforeCall()
    this.calls += 1
  }

  #change(path: string, entry: NamedEntry | undefined): void {
    set(this.#names, path, entry)
    this.#pending.push({ directory: dirname(path), name: path, entry, call: this.calls })
  }
}

function set<TValue>(map: Map<string, TValue>, key: string, value: TValue | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

/** Every way to take one of each. */
function* choices<TValue>([first, ...rest]: readonly (readonly TValue[])[]): Generator<readonly TValue[]> {
  if (first === undefined) return yield []
  for (const others of choices(rest)) for (const value of first) yield [value, ...others]
}

function* contents([first, ...rest]: readonly (readonly [string, NamedEntry])[]): Generator<SlotImage> {
  if (first === undefined) return yield new Map()
  const [path, entry] = first
  for (const others of contents(rest)) {
    for (const variant of variantsOf(entry)) yield new Map([...others, [path, variant]])
  }
}

function variantsOf(entry: NamedEntry): readonly Entry[] {
  if (entry.kind !== 'file') return [entry]
  const { bytes, synced } = entry.inode
  if (synced === bytes.length) return [{ kind: 'file', bytes }]
  const half = (synced + bytes.length) >> 1
  return [synced, half, bytes.length].map(length => ({ kind: 'file', bytes: bytes.slice(0, length) }))
}
