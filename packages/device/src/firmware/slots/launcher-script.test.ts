import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSlots } from './create-slots.ts'
import { slots } from './slots.ts'

const page = new URL('../../../../../docs/firmware-slots.md', import.meta.url)
let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'launcher-'))
  path = join(directory, 'slots')
  const script = /^```sh\n(#!\/bin\/sh\n.*?)^```$/ms.exec(await readFile(page, 'utf8'))?.[1] ?? ''
  await writeFile(join(directory, 'launcher.sh'), script)
  await writeFile(join(directory, 'one'), 'one')
  await createSlots(path, { version: '1', file: join(directory, 'one') })
})

afterEach(() => rm(directory, { recursive: true }))

/** What the launcher of the documentation starts; "to start" is to show it. */
async function start(): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', [join(directory, 'launcher.sh'), path, 'cat'])
  return stdout
}

async function applyTwo(): Promise<void> {
  const image = {
    path: join(directory, 'two'),
    size: 3,
    async *read() {
      yield Buffer.from('two')
    },
  }
  const firmware = { version: '2', sha256: createHash('sha256').update('two').digest('hex'), size: 3 }
  await slots(path, { version: '1', restart: () => {}, trialStarts: 2 }).apply(
    image,
    firmware,
    new AbortController().signal,
  )
}

it('the launcher of the documentation starts what is current', async () => {
  expect([await start(), await start()]).toEqual(['one', 'one'])
})

it('it starts a trial as often as it may, then what was current', async () => {
  await applyTwo()
  expect([await start(), await start(), await start(), await start()]).toEqual(['two', 'two', 'one', 'one'])
  expect(await readdir(path)).not.toContain('trial')
})

it('it starts a trial that was kept', async () => {
  await applyTwo()
  await start()
  await slots(path, { version: '2', restart: () => {} }).commit?.()
  expect([await start(), await start(), await start()]).toEqual(['two', 'two', 'two'])
})

it.each([
  ['other bytes', () => writeFile(join(path, 'b', 'program'), 'evil')],
  ['no program', () => rm(join(path, 'b', 'program'))],
  ['no note', () => rm(join(path, 'b', 'slot.json'))],
  ['a damaged counter', () => writeFile(join(path, 'trial-starts'), 'x')],
  ['no counter', () => rm(join(path, 'trial-starts'))],
])('F16: it starts no trial with %s', async (_, damage) => {
  await applyTwo()
  await damage()
  expect([await start(), await start()]).toEqual(['one', 'one'])
  expect(await readdir(path)).not.toContain('trial')
})
