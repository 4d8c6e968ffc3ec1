import type { Disk, DiskFile } from '../src/storage/disk.ts'

interface SimulatedFile {
  /** What a power cut leaves for certain. */
  durable: Buffer
  /** The writes since the last sync. */
  pending: readonly Buffer[]
}

type NameChange = readonly [kind: 'create', name: string, file: SimulatedFile] | readonly ['rename', string, string]

/** A file system that tells what a power cut could leave of it. */
export class SimulatedDisk implements Disk {
  readonly #nameChanges: NameChange[] = []
  readonly #onCall: () => Promise<void>
  #durableNameChanges = 0

  /** @param onCall is called after every step. */
  constructor(onCall: () => Promise<void>) {
    this.#onCall = onCall
  }

  async create(path: string): Promise<DiskFile> {
    const file: SimulatedFile = { durable: Buffer.alloc(0), pending: [] }
    this.#nameChanges.push(['create', path, file])
    await this.#onCall()
    return {
      append: async text => {
        file.pending = [...file.pending, Buffer.from(text)]
        await this.#onCall()
      },
      sync: async () => {
        file.durable = Buffer.concat([file.durable, ...file.pending])
        file.pending = []
        await this.#onCall()
      },
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#nameChanges.push(['rename', from, to])
    await this.#onCall()
  }

  async syncFolder(): Promise<void> {
    this.#durableNameChanges = this.#nameChanges.length
    await this.#onCall()
  }

  /**
   * Every content that a file may have after a power cut now; undefined when it may not exist. Of the changes of names since the last
   * sync of the folder any number may be there, in their order. Each write since the last sync of the file may be there, or not, or
   * in part.
   */
  *imagesOf(path: string): Generator<Buffer | undefined> {
    for (let count = this.#durableNameChanges; count <= this.#nameChanges.length; count += 1) {
      const file = this.#filesAfter(count).get(path)
      if (file === undefined) yield undefined
      else yield* contentsOf(file)
    }
  }

  #filesAfter(count: number): ReadonlyMap<string, SimulatedFile> {
    const files = new Map<string, SimulatedFile>()
    for (const change of this.#nameChanges.slice(0, count)) {
      if (change[0] === 'create') {
        files.set(change[1], change[2])
        continue
      }
      const [, from, to] = change
      const file = files.get(from)
      files.delete(from)
      if (file !== undefined) files.set(to, file)
    }
    return files
  }
}

function* contentsOf({ durable, pending }: SimulatedFile): Generator<Buffer> {
  for (const writes of combinations(pending)) yield Buffer.concat([durable, ...writes])
}

/** What comes through of writes. One that did not come at all is a hole of zeros when a later one did. */
function* combinations([first, ...later]: readonly Buffer[]): Generator<readonly Buffer[]> {
  if (first === undefined) return yield []
  const half = first.length >> 1
  for (const rest of combinations(later)) {
    if (rest.length === 0) {
      yield []
      for (const length of [1, half, first.length - 1]) yield [first.subarray(0, length)]
    }
    yield [first, ...rest]
    yield [Buffer.alloc(first.length), ...rest]
    yield [Buffer.alloc(half), first.subarray(half), ...rest]
    yield [first.subarray(0, half), Buffer.alloc(first.length - half), ...rest]
  }
}
