import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBootId } from './boot-id.ts'

describe('readBootId', () => {
  it.runIf(process.platform === 'linux')('reads what Linux tells', async () => {
    const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    expect(await readBootId()).toBe(text.trim())
    expect(await readBootId()).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  })

  it('takes the option where there is one', async () => {
    expect(await readBootId('{ sec = 1734, usec = 5 }', '/nowhere')).toBe('{ sec = 1734, usec = 5 }')
  })

  it('names the option where the machine does not tell', async () => {
    const error = await readBootId(undefined, '/nowhere/boot_id').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toBe(
      'TypeError: bootId: this machine does not tell its boot id in /nowhere/boot_id; pass one that changes at every boot',
    )
    expect(error).toMatchObject({ cause: { code: 'ENOENT' } })
  })

  it('does not take an empty file for a boot id', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'boot-'))
    try {
      await writeFile(join(directory, 'boot_id'), '\n')
      await expect(readBootId(undefined, join(directory, 'boot_id'))).rejects.toThrow(/^bootId: this machine/)
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it.each(['', 'a\nb', 'é', 'x'.repeat(65)])('refuses the option %j', async option => {
    await expect(readBootId(option)).rejects.toThrow(
      `bootId: expected 1 to 64 printable ASCII characters, got ${JSON.stringify(option)}`,
    )
  })
})
