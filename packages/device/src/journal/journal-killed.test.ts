import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenedJournal, openJournal } from './journal.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** Starts the test program on the directory, in a shell that first runs `prepare`. */
function startAppending(prepare = ':') {
  const program = fileURLToPath(new URL('../../test/journal/append-until-killed.ts', import.meta.url))
  const node = [process.execPath, '--import', 'tsx', '--conditions=@iothub-dm/source', program, directory]
  return spawn('sh', ['-c', `${prepare} && exec "$0" "$@"`, ...node], { stdio: ['ignore', 'pipe', 'pipe'] })
}

function openNumbers(): Promise<OpenedJournal<number>> {
  return openJournal({ directory, parse: Number, compact: entries => entries })
}

describe('a killed process', () => {
  it('has lost nothing that was acknowledged, however often it is killed', async () => {
    let acknowledged = 0
    for (const killAfter of [1, 40, 150]) {
      const child = startAppending()
      for await (const line of createInterface(child.stdout)) {
        acknowledged = Math.max(acknowledged, Number(line))
        if (acknowledged >= killAfter) child.kill('SIGKILL')
      }
      expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL')
      const { journal, entries } = await openNumbers()
      await journal.close()
      expect(entries.length).toBeGreaterThanOrEqual(acknowledged)
      expect(entries).toEqual(Array.from(entries, (_, index) => index + 1))
    }
  }, 60_000)

  it.skipIf(process.platform === 'win32')(
    'gets PersistenceError from a file size limit',
    async () => {
      const child = startAppending('ulimit -f 64')
      const [line] = await once(createInterface(child.stderr), 'line')
      expect(line).toBe('PersistenceFailed EFBIG')
      const { journal, entries } = await openNumbers()
      await journal.close()
      expect(entries.length).toBeGreaterThan(0)
      expect(entries).toEqual(Array.from(entries, (_, index) => index + 1))
    },
    60_000,
  )
})
