import { dirname } from 'node:path'
import type { FileSystem, WritableFile } from '../journal/file-system.ts'
import type { SimulatedLife } from './simulated-life.ts'

interface SimulatedFile {
  chunks: Uint8Array[]
  /** Chunks that survive a loss of power. */
  synced: number
}

/** Files in memory that outlive the lives of a device. */
export class SimulatedFiles {
  #names = new Map<string, SimulatedFile>()
  /** The names that survive a loss of power. */
  readonly #syncedNames = new Map<string, SimulatedFile>()

  /** What is left when the power goes: names and bytes that were synced, and half of the bytes that were not. */
  losePower(): void {
    this.#names = new Map(this.#syncedNames)
    for (const file of this.#names.values()) {
      const unsynced = Buffer.concat(file.chunks.slice(file.synced))
      file.chunks = [...file.chunks.slice(0, file.synced), unsynced.subarray(0, unsynced.length >> 1)]
      file.synced = file.chunks.length
    }
  }

  /** The files as a life sees them. Every call that changes one is something that the life does to the world. */
  seenBy(life: SimulatedLife): FileSystem {
    return {
      createDirectory: async () => {},
      createFile: path =>
        life.act(`creating ${nameOf(path)}`, () => {
          if (this.#names.has(path)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' })
          const file: SimulatedFile = { chunks: [], synced: 0 }
          this.#names.set(path, file)
          return writable(file, nameOf(path), life)
        }),
      rename: (from, to) =>
        life.act(`renaming ${nameOf(from)} to ${nameOf(to)}`, () => {
          const file = this.#names.get(from)
          if (file === undefined) throw Object.assign(new Error(`ENOENT: ${from}`), { code: 'ENOENT' })
          this.#names.delete(from)
          this.#names.set(to, file)
        }),
      unlink: path =>
        this.#names.has(path) ? life.act(`removing ${nameOf(path)}`, () => void this.#names.delete(path)) : nothing,
      syncDirectory: path =>
        life.act('syncing the directory', () => {
          for (const name of this.#syncedNames.keys()) if (dirname(name) === path) this.#syncedNames.delete(name)
          for (const [name, file] of this.#names) if (dirname(name) === path) this.#syncedNames.set(name, file)
        }),
      readFile: async path => {
        const file = this.#names.get(path)
        return file === undefined ? undefined : Buffer.concat(file.chunks)
      },
      readDirectory: async path =>
        [...this.#names.keys()].filter(name => dirname(name) === path).map(name => name.slice(path.length + 1)),
    }
  }
}

const nothing = Promise.resolve()

function writable(file: SimulatedFile, name: string, life: SimulatedLife): WritableFile {
  let written = name
  return {
    write: bytes => {
      written = describe(bytes) ?? name
      return life.act(`writing ${written}`, () => void file.chunks.push(bytes.slice()))
    },
    sync: () =>
      life.act(`syncing ${written}`, () => {
        file.synced = file.chunks.length
      }),
    close: async () => {},
  }
}

/** The claim of a process names the process: of no interest to a reader. */
function nameOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name.startsWith('lock.') ? 'the lock' : name
}

const entryPattern =
  /"type":"(\w+)"(?:,"operationId":"[^"]*")?(?:,"(?:step|name|configuration)":"([^"]*)")?(?:,"progress":"(\w+)")?/g

/** What a line of the journal says, such as `stepDone 'flush'`; undefined for a file that is written whole. */
function describe(bytes: Uint8Array): string | undefined {
  if (bytes[0] === undefined || bytes.length > 4096) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (text.includes('"format"')) return undefined
  const words = [...text.matchAll(entryPattern)].map(([, type, name, progress]) =>
    [type, ...(name === undefined ? [] : [`'${name}'`]), ...(progress === undefined ? [] : [progress])].join(' '),
  )
  return words.length === 0 ? undefined : words.join(' ')
}
