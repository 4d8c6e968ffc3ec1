import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename, resolve } from 'node:path'
import { noteInBlackBox, readBlackBox } from './black-box.ts'
import type { DeviceSettings } from './device-messages.ts'
import { tell } from './gate.ts'

/**
 * Notes every call with which the journal changes the disk, and kills the process at those that the settings name: right
 * before the call, or with half of its bytes written. Must run before the journal is loaded, which binds functions of
 * `node:fs/promises`.
 */
export function killAtJournalCalls(settings: DeviceSettings): void {
  const { stateDirectory, blackBox, killAtJournalCalls: killAt } = settings
  if (killAt === undefined) return
  const { open, rename, rm } = fs
  let calls = readBlackBox(blackBox).filter(({ type }) => type === 'journalCall').length

  const reach = (call: string): void => {
    noteInBlackBox(blackBox, { type: 'journalCall', call })
    calls += 1
    if (!killAt.includes(calls)) return
    noteInBlackBox(blackBox, { type: 'killed', call })
    process.kill(process.pid, 'SIGKILL')
  }
  const kindOf = (path: unknown): string | undefined => {
    if (typeof path !== 'string' || !resolve(path).startsWith(stateDirectory)) return undefined
    if (resolve(path) === stateDirectory) return 'directory'
    return basename(path).startsWith('lock.') ? 'lock' : basename(path)
  }

  const watchedOpen: typeof fs.open = async (path, flags, mode) => {
    const kind = kindOf(path)
    if (kind !== undefined && flags === 'ax') reach(`create ${kind}`)
    const handle = await open(path, flags, mode)
    return kind === undefined ? handle : watched(handle, kind, reach)
  }
  const watchedRename: typeof fs.rename = (from, to) => {
    const kind = kindOf(to)
    if (kind !== undefined) reach(`rename to ${kind}`)
    return rename(from, to)
  }
  const watchedRm: typeof fs.rm = (path, options) => {
    const kind = kindOf(path)
    if (kind !== undefined) reach(`remove ${kind}`)
    return rm(path, options)
  }
  Object.assign(fs, { open: watchedOpen, rename: watchedRename, rm: watchedRm })
  syncBuiltinESMExports()
}

function watched(handle: FileHandle, kind: string, reach: (call: string) => void): FileHandle {
  const appendFile = handle.appendFile.bind(handle)
  const datasync = handle.datasync.bind(handle)
  const sync = handle.sync.bind(handle)
  let written = kind
  const calls: Pick<FileHandle, 'appendFile' | 'datasync' | 'sync'> = {
    async appendFile(data) {
      const bytes = Buffer.from(data)
      written = entryNames(bytes) ?? kind
      reach(`write ${written}`)
      const half = bytes.length >> 1
      await appendFile(bytes.subarray(0, half))
      reach(`write the rest of ${written}`)
      await appendFile(bytes.subarray(half))
    },
    async datasync() {
      reach(`sync ${written}`)
      await datasync()
      tell({ type: 'journaled' })
    },
    sync() {
      reach(`sync ${kind}`)
      return sync()
    },
  }
  return Object.assign(handle, calls)
}

const entryPattern =
  /"type":"(\w+)","operationId":"[^"]*"(?:,"name":"[^"]*","progress":"(\w+)"|,"event":{"type":"(\w+)")?/g

/** What the entries in a line are, such as `accepted`, `restart begun`; undefined for a file that is written whole. */
function entryNames(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8')
  if (text.includes('"format"')) return undefined
  return [...text.matchAll(entryPattern)].map(names => names.slice(1).filter(Boolean).join(' ')).join('+')
}
