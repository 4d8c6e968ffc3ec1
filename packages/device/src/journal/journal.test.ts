import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FallibleCall, SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { CorruptJournalError, PersistenceError, UnsupportedJournalVersionError } from './errors.ts'
import { type OpenedJournal, type OpenJournalOptions, openJournal } from './journal.ts'
import { encodeLine } from './line-codec.ts'

function parseText(value: unknown): string | undefined {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value === '' ? undefined : value
}

let directory: string
let path: string
const openJournals: AsyncDisposable[] = []

async function open(
  options: Partial<OpenJournalOptions<string>> & { readonly directory: string },
): Promise<OpenedJournal<string>> {
  const opened = await openJournal({ parse: parseText, compact: entries => entries, ...options })
  openJournals.push(opened.journal)
  return opened
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'))
  path = join(directory, 'journal')
})

afterEach(async () => {
  for (const journal of openJournals.splice(0)) await journal[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

describe('openJournal', () => {
  it('gives back in their order what was appended in an earlier life', async () => {
    const first = await open({ directory })
    expect(first.entries).toEqual([])
    await Promise.all(['a', 'b', 'c'].map(entry => first.journal.append(entry)))
    await first.journal.append('d')
    await first.journal.close()
    const second = await open({ directory })
    expect(second.entries).toEqual(['a', 'b', 'c', 'd'])
    expect(second.tornBytes).toBe(0)
    await second.journal.close()
  })

  it('creates directories for the owner only, and files too', async () => {
    const deep = join(directory, 'var', 'lib', 'camera')
    await (await open({ directory: deep })).journal.append('a')
    for (const created of ['var', 'var/lib', 'var/lib/camera']) {
      expect((await stat(join(directory, created))).mode & 0o777).toBe(0o700)
    }
    expect((await stat(join(deep, 'journal'))).mode & 0o777).toBe(0o600)
  })

  it('compacts the file and says what remains', async () => {
    const first = await open({ directory })
    await Promise.all(['a', 'b', 'a', 'c'].map(entry => first.journal.append(entry)))
    await first.journal.close()
    const second = await open({ directory, compact: entries => [...new Set(entries)] })
    expect(second.entries).toEqual(['a', 'b', 'c'])
    await second.journal.close()
    expect((await readFile(path, 'utf8')).match(/"a"/g)).toHaveLength(1)
  })

  it('drops a torn tail, says so, and appends to a file without it', async () => {
    const first = await open({ directory })
    await first.journal.append('a')
    await first.journal.close()
    await writeFile(path, Buffer.concat([await readFile(path), encodeLine('["b"]').subarray(0, 10), Buffer.alloc(20)]))
    const second = await open({ directory })
    expect(second).toMatchObject({ entries: ['a'], tornBytes: 30 })
    await second.journal.append('c')
    await second.journal.close()
    expect((await open({ directory })).entries).toEqual(['a', 'c'])
  })

  it('starts over a temporary file that a crash has left', async () => {
    await writeFile(join(directory, 'journal.tmp'), 'half a journ')
    const { journal, entries } = await open({ directory })
    await journal.close()
    expect(entries).toEqual([])
    expect(await readdir(directory)).toEqual(['journal'])
  })

  it.each([
    ['a newer version', encodeLine('{"format":"iothub-dm-journal","version":7}'), UnsupportedJournalVersionError],
    ['a file that is no journal', Buffer.from('shopping list\n'), CorruptJournalError],
    ['an empty file', Buffer.alloc(0), CorruptJournalError],
  ])('refuses %s and leaves it as it is', async (_, bytes, expected) => {
    await writeFile(path, bytes)
    await expect(open({ directory })).rejects.toThrow(expected)
    expect(await readFile(path)).toEqual(Buffer.from(bytes))
    expect(await readdir(directory)).toEqual(['journal'])
  })

  it('names the path and the code when the directory cannot be used', async () => {
    const file = join(directory, 'file')
    await writeFile(file, '')
    const below = join(file, 'state')
    const error = await open({ directory: below }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PersistenceError)
    expect(error).toMatchObject({ code: 'PersistenceFailed', path: below, causeCode: 'ENOTDIR', retryable: true })
    expect(String(error)).toBe(`PersistenceError: cannot create the state directory ${below}: ENOTDIR`)
  })

  it('names the path and the code when the directory is not writable', async () => {
    const disk = new SimulatedDisk({ fault: call => (call === 'createFile' ? 'EACCES' : undefined) })
    await expect(open({ directory: '/state', fileSystem: disk })).rejects.toThrow(
      'cannot create /state/journal.tmp: EACCES',
    )
  })
})

describe('append', () => {
  it('keeps what the entry was at the time, whatever the caller does to it later', async () => {
    const options = { directory, parse: (value: unknown) => value, compact: (all: readonly unknown[]) => all }
    const { journal } = await openJournal({ ...options, compactAboveBytes: 1 })
    const entry = { state: 'accepted' }
    const appended = journal.append(entry)
    entry.state = 'changed'
    await appended
    await journal.append('the next one rewrites the file')
    await journal.close()
    const reopened = await openJournal(options)
    await reopened.journal.close()
    expect(reopened.entries[0]).toEqual({ state: 'accepted' })
  })

  it.each([
    ['parse refuses', 7],
    ['JSON leaves out', undefined],
    ['JSON cannot carry', 7n],
    ['the next open would pass over', ''],
  ])('refuses an entry that %s, and stores nothing of it', async (_, entry) => {
    const { journal } = await openJournal<unknown>({ directory, parse: parseText, compact: entries => entries })
    const before = await readFile(path)
    await expect(journal.append(entry)).rejects.toThrow(TypeError)
    expect(await readFile(path)).toEqual(before)
    await journal.append('fine')
    await journal.close()
    expect((await open({ directory })).entries).toEqual(['fine'])
  })

  it('shares one write and one fsync between appends made meanwhile', async () => {
    const disk = new SimulatedDisk()
    const { journal } = await open({ directory: '/state', fileSystem: disk })
    const atOpen = disk.calls.length
    await Promise.all(Array.from({ length: 100 }, (__, index) => journal.append(`entry ${index}`)))
    expect(disk.calls.slice(atOpen).map(({ kind }) => kind)).toEqual(['write', 'sync', 'write', 'sync'])
  })

  it('does not rewrite the file over and over when compaction leaves more than the bound', async () => {
    const disk = new SimulatedDisk()
    const { journal } = await open({ directory: '/state', fileSystem: disk, compactAboveBytes: 1 })
    for (let count = 0; count < 200; count++) await journal.append('an entry that stays')
    // the size at which it happens doubles every time
    expect(disk.calls.filter(({ kind }) => kind === 'rename').length).toBeLessThan(10)
  })

  it('resolves in the order of the calls', async () => {
    const { journal } = await open({ directory })
    const resolved: string[] = []
    const names = Array.from({ length: 20 }, (__, index) => `entry ${index}`)
    await Promise.all(names.map(name => journal.append(name).then(() => resolved.push(name))))
    expect(resolved).toEqual(names)
    await journal.close()
  })

  it('refuses once the journal is closed, which waits for what is under way', async () => {
    const { journal } = await open({ directory })
    const order: string[] = []
    const appended = journal.append('a').then(() => order.push('appended'))
    await Promise.all([appended, journal.close().then(() => order.push('closed'))])
    expect(order).toEqual(['appended', 'closed'])
    await expect(journal.append('b')).rejects.toThrow('append: the journal is closed')
    expect((await open({ directory })).entries).toEqual(['a'])
  })
})

/** Texts with an exclamation mark are of version 2. */
function versionOf(entry: string): number {
  return entry.endsWith('!') ? 2 : 1
}

function headerOf(bytes: Uint8Array | undefined): unknown {
  const [header = ''] = Buffer.from(bytes ?? [])
    .toString()
    .split('\n')
  return JSON.parse(header.slice('checksum '.length))
}

describe('the version in the header', () => {
  it('is no higher than what the entries need: it goes up with the first that needs it, and down with the last', async () => {
    const disk = new SimulatedDisk()
    const options = { directory: '/state', fileSystem: disk, versionOf }
    const version = async () => headerOf(await disk.readFile('/state/journal'))
    const first = await open(options)
    await first.journal.append('a')
    expect(await version()).toMatchObject({ version: 1 })
    await first.journal.append('b!')
    expect(await version()).toMatchObject({ version: 2 })
    const renames = disk.calls.filter(({ kind }) => kind === 'rename').length
    await first.journal.append('c!')
    expect(disk.calls.filter(({ kind }) => kind === 'rename')).toHaveLength(renames)
    await first.journal.close()
    const second = await open({ ...options, compact: all => all.filter(entry => !entry.endsWith('!')) })
    expect(second.entries).toEqual(['a'])
    expect(await version()).toMatchObject({ version: 1 })
  })

  it('never lies: an entry that needs a higher one is refused when the file cannot be rewritten', async () => {
    let full = false
    const disk = new SimulatedDisk({ fault: call => (full && call === 'createFile' ? 'ENOSPC' : undefined) })
    const { journal } = await open({ directory: '/state', fileSystem: disk, versionOf })
    await journal.append('a')
    full = true
    await expect(journal.append('b!')).rejects.toMatchObject({ code: 'PersistenceFailed', causeCode: 'ENOSPC' })
    await journal.append('c')
    full = false
    await journal.append('d!')
    expect((await open({ directory: '/state', fileSystem: disk, versionOf })).entries).toEqual(['a', 'c', 'd!'])
  })
})

describe('a failing disk', () => {
  let failing: Partial<Record<FallibleCall, string>> = {}
  const fault = (call: FallibleCall): string | undefined => failing[call]

  beforeEach(() => {
    failing = {}
  })

  it.each<[FallibleCall, string]>([
    ['write', 'ENOSPC'],
    ['write', 'EFBIG'],
    ['sync', 'EIO'],
  ])('rejects the append when %s fails with %s, then recovers with what was durable', async (call, code) => {
    const disk = new SimulatedDisk({ fault })
    const { journal } = await open({ directory: '/state', fileSystem: disk })
    await journal.append('a')
    failing = { [call]: code }
    await expect(journal.append('b')).rejects.toMatchObject({ code: 'PersistenceFailed', causeCode: code })
    await expect(journal.append('c')).rejects.toBeInstanceOf(PersistenceError)
    expect(await disk.readDirectory()).toEqual(['journal'])
    failing = {}
    await journal.append('d')
    await journal.append('e')
    const reopened = await open({ directory: '/state', fileSystem: disk })
    expect(reopened).toMatchObject({ entries: ['a', 'd', 'e'], tornBytes: 0 })
  })

  it.each<FallibleCall>(['createFile', 'rename', 'syncDirectory', 'unlink'])(
    'goes on failing while the file cannot be rewritten because of %s',
    async call => {
      const disk = new SimulatedDisk({ fault })
      const { journal } = await open({ directory: '/state', fileSystem: disk })
      await journal.append('a')
      failing = { sync: 'EIO' }
      await expect(journal.append('b')).rejects.toBeInstanceOf(PersistenceError)
      failing = { [call]: 'EROFS' }
      await expect(journal.append('c')).rejects.toMatchObject({ causeCode: 'EROFS' })
      failing = {}
      await journal.append('d')
      expect((await open({ directory: '/state', fileSystem: disk })).entries).toEqual(['a', 'd'])
    },
  )

  it('R4: never syncs a descriptor again whose sync has failed', async () => {
    let syncs = 0
    const disk = new SimulatedDisk({ fault: call => (call === 'sync' && ++syncs % 3 === 0 ? 'EIO' : undefined) })
    const { journal } = await open({ directory: '/state', fileSystem: disk, compactAboveBytes: 200 })
    for (let count = 0; count < 60; count++) await journal.append(`entry ${count}`).catch(() => {})
    const failed = new Set<number>()
    for (const call of disk.calls) {
      if (call.kind === 'failedSync') failed.add(call.inode)
      else if (call.kind === 'sync' || call.kind === 'write') expect(failed).not.toContain(call.inode)
    }
    expect(failed.size).toBeGreaterThan(10)
  })

  it('rejects all appends that wait behind the one that failed, so that none is stored without those before it', async () => {
    let syncs = 0
    const disk = new SimulatedDisk({ fault: call => (call === 'sync' && ++syncs === 2 ? 'EIO' : undefined) })
    const { journal } = await open({ directory: '/state', fileSystem: disk })
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(entry => journal.append(entry)))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await journal.append('d')
    expect((await open({ directory: '/state', fileSystem: disk })).entries).toEqual(['d'])
  })

  it('goes on with the old file when there is no room for a compacted one', async () => {
    const disk = new SimulatedDisk({ fault })
    const { journal } = await open({ directory: '/state', fileSystem: disk, compactAboveBytes: 100 })
    failing = { createFile: 'ENOSPC' }
    const entries = Array.from({ length: 30 }, (__, index) => `entry ${index}`)
    for (const entry of entries) await journal.append(entry)
    failing = {}
    expect((await open({ directory: '/state', fileSystem: disk })).entries).toEqual(entries)
  })
})
