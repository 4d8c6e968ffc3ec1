import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../../test/simulated-life.ts'
import type { FirmwareEntry } from './firmware-entry.ts'
import { FirmwareMemory } from './firmware-memory.ts'

const entries: readonly FirmwareEntry[] = [
  { type: 'permitUsed', permit: 'permit-1' },
  { type: 'installing', operationId: 'op', version: '1.0.0', sha256: 'ab'.repeat(32), sequence: 1, signers: ['x'] },
  { type: 'failed', sha256: 'ab'.repeat(32), time: 5 },
  { type: 'keys', keySet: { version: 2, threshold: 1, keys: [{ kid: 'a', x: `${'A'.repeat(42)}A` }] } },
  { type: 'time', time: 7 },
]

it('F3: what was added is there in the next life', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'memory')
  const before = await FirmwareMemory.read(path)
  await before.add(...entries)
  const { history } = before
  const after = await FirmwareMemory.read(path)
  expect(after.history).toEqual(history)
  expect(after.history).toMatchObject({ usedPermits: ['permit-1'], seenTime: 7, keySet: { version: 2 } })
})

// Never to be changed: what devices in the field hold.
const golden = new URL('../../../test/firmware/golden-memory/', import.meta.url)

it('R6: what version 0.2.0 has written is read', async () => {
  const { history } = await FirmwareMemory.read(fileURLToPath(golden))
  const [a, b] = [`${'A'.repeat(42)}A`, `${'B'.repeat(42)}A`]
  expect(history).toEqual({
    installed: [
      {
        type: 'installing',
        operationId: 'op-1',
        version: '2.0.0',
        sha256: 'ab'.repeat(32),
        signers: [a],
        sequence: 200,
      },
      {
        type: 'installing',
        operationId: 'op-2',
        version: '1.5.0',
        sha256: 'ef'.repeat(32),
        signers: [a, b],
        sequence: 150,
      },
    ],
    usedPermits: ['permit-1'],
    failures: [{ sha256: 'cd'.repeat(32), time: 1_796_126_400_000 }],
    keySet: {
      version: 2,
      threshold: 1,
      keys: [
        { kid: 'a', x: a },
        { kid: 'b', x: b, debug: true },
      ],
    },
    seenTime: 1_796_126_400_000,
  })
})

it('F19: reading it writes nothing', async () => {
  await using directory = await temporaryDirectory()
  await (await FirmwareMemory.read(directory.path)).add(...entries)
  const file = join(directory.path, 'journal')
  const before = await stat(file)
  await FirmwareMemory.read(directory.path)
  expect(await stat(file)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
})

it('a memory that somebody has altered is refused, not forgotten', async () => {
  await using directory = await temporaryDirectory()
  const before = await FirmwareMemory.read(directory.path)
  for (const entry of entries) await before.add(entry)
  const file = join(directory.path, 'journal')
  await writeFile(file, (await readFile(file, 'utf8')).replace('"sequence":1', '"sequence":0'))
  await expect(FirmwareMemory.read(directory.path)).rejects.toMatchObject({ code: 'CorruptJournal' })
})

it('F23: is for the user of the process alone', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'memory')
  const memory = await FirmwareMemory.read(path)
  await memory.add(...entries)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect((await stat(join(path, 'journal'))).mode & 0o777).toBe(0o600)
})
