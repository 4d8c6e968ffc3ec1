import type { DiskCall, DiskImage } from './simulated-disk.ts'

/**
 * Test support: every disk image that a power cut allows after these calls.
 * - Of the directory operations, everything up to the last directory sync is there, and any number of those after it,
 *   in their order.
 * - Of a file, everything up to its last sync is there. Each later write is absent, or there with its first byte, its
 *   first half, all but its last byte, its second half only, all zeros, or whole. What lies before something that is
 *   there and is not there itself reads as zeros.
 * - What a sync has failed on stays in doubt whatever later syncs say.
 *
 * @param initial what the disk held before the calls
 * @param calls what was done since
 */
export function* powerCutImages(initial: DiskImage, calls: readonly DiskCall[]): Generator<DiskImage> {
  const files = new Map<number, FileHistory>()
  const operations: DirectoryOperation[] = []
  let durableOperations = 0
  for (const call of calls) {
    switch (call.kind) {
      case 'create':
        files.set(call.inode, new FileHistory())
        operations.push(call)
        break
      case 'rename':
      case 'unlink':
        operations.push(call)
        break
      case 'write':
        files.get(call.inode)?.write(call.bytes)
        break
      case 'sync':
        files.get(call.inode)?.sync()
        break
      case 'failedSync':
        files.get(call.inode)?.failSync()
        break
      case 'syncDirectory':
        durableOperations = operations.length
        break
    }
  }
  for (let count = durableOperations; count <= operations.length; count++) {
    const names = namesAfter(initial, operations.slice(0, count))
    yield* combinations([...names].map(([name, file]) => [name, typeof file === 'number' ? files.get(file) : file]))
  }
}

type DirectoryOperation = Extract<DiskCall, { readonly kind: 'create' | 'rename' | 'unlink' }>

/** Where each name leads: to a file made since, by number, or to one that was there at first. */
function namesAfter(
  initial: DiskImage,
  operations: readonly DirectoryOperation[],
): ReadonlyMap<string, number | Uint8Array> {
  const names = new Map<string, number | Uint8Array>(initial)
  for (const operation of operations) {
    switch (operation.kind) {
      case 'create':
        names.set(operation.name, operation.inode)
        break
      case 'unlink':
        names.delete(operation.name)
        break
      case 'rename': {
        const file = names.get(operation.from)
        names.delete(operation.from)
        if (file !== undefined) names.set(operation.to, file)
        break
      }
    }
  }
  return names
}

type NamedFile = readonly [name: string, file: FileHistory | Uint8Array | undefined]

function* combinations([first, ...rest]: readonly NamedFile[]): Generator<DiskImage> {
  if (first === undefined) return yield new Map()
  const [name, file] = first
  for (const others of combinations(rest)) {
    for (const bytes of file instanceof FileHistory ? file.contents() : [file ?? new Uint8Array()]) {
      yield new Map([...others, [name, bytes]])
    }
  }
}

interface Write {
  readonly offset: number
  readonly bytes: Uint8Array
  readonly inDoubt: boolean
}

/** The writes to one file. */
class FileHistory {
  #durable: readonly Write[] = []
  #pending: readonly Write[] = []
  #size = 0

  write(bytes: Uint8Array): void {
    this.#pending = [...this.#pending, { offset: this.#size, bytes, inDoubt: false }]
    this.#size += bytes.length
  }

  sync(): void {
    this.#durable = [...this.#durable, ...this.#pending.filter(write => !write.inDoubt)]
    this.#pending = this.#pending.filter(write => write.inDoubt)
  }

  failSync(): void {
    this.#pending = this.#pending.map(write => ({ ...write, inDoubt: true }))
  }

  *contents(): Generator<Uint8Array> {
    for (const pending of variants(this.#pending)) yield layOut([...this.#durable, ...pending])
  }
}

function* variants([first, ...rest]: readonly Write[]): Generator<readonly Write[]> {
  if (first === undefined) return yield []
  const { bytes, offset } = first
  const half = bytes.length >> 1
  const remains: readonly Write[] = [
    first,
    { ...first, bytes: bytes.subarray(0, 1) },
    { ...first, bytes: bytes.subarray(0, half) },
    { ...first, bytes: bytes.subarray(0, -1) },
    { ...first, bytes: bytes.subarray(half), offset: offset + half },
    { ...first, bytes: new Uint8Array(bytes.length) },
  ]
  for (const others of variants(rest)) {
    yield others
    for (const remain of remains) yield [remain, ...others]
  }
}

function layOut(writes: readonly Write[]): Uint8Array {
  const content = new Uint8Array(Math.max(0, ...writes.map(({ offset, bytes }) => offset + bytes.length)))
  for (const { offset, bytes } of writes) content.set(bytes, offset)
  return content
}
