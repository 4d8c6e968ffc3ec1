import { basename } from 'node:path'
import type { FileSystem, WritableFile } from '../../src/journal/file-system.ts'
import type { CrashPoints } from './crash-points.ts'

/**
 * Test support: a file system whose process can be killed before each of the calls that change the disk. (After one it looks as
 * before the next, or as before whatever the device does in between, which has points of its own.)
 */
export function killingFileSystem(inner: FileSystem, points: CrashPoints): FileSystem {
  const guardedFile = (file: WritableFile, name: string): WritableFile => {
    let written = name
    return {
      write: bytes => {
        written = entryNames(bytes) ?? name
        points.reach(`write ${written}`)
        return file.write(bytes)
      },
      sync: () => {
        points.reach(`sync ${written}`)
        return file.sync()
      },
      close: () => file.close(),
    }
  }
  return {
    createDirectory: path => inner.createDirectory(path),
    readFile: path => inner.readFile(path),
    readDirectory: path => inner.readDirectory(path),
    createFile: async path => {
      points.reach(`create ${nameOf(path)}`)
      return guardedFile(await inner.createFile(path), nameOf(path))
    },
    rename: (from, to) => {
      points.reach(`rename to ${nameOf(to)}`)
      return inner.rename(from, to)
    },
    unlink: path => {
      points.reach(`remove ${nameOf(path)}`)
      return inner.unlink(path)
    },
    syncDirectory: path => {
      points.reach('sync the directory')
      return inner.syncDirectory(path)
    },
  }
}

function nameOf(path: string): string {
  return basename(path).replace(/^lock\..*/, 'lock')
}

const entryPattern =
  /"type":"(\w+)"(?:,"operationId":"[^"]*")?(?:,"(?:step|name|configuration)":"([^"]*)")?(?:,"progress":"(\w+)")?/g

/** What a line of the journal says, such as `stepDone flush`; undefined for a file that is written whole. */
function entryNames(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8')
  if (text.includes('"format"')) return undefined
  const names = [...text.matchAll(entryPattern)].map(words => words.slice(1).filter(Boolean).join(' '))
  return names.length === 0 ? undefined : names.join(' ')
}
