import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { powerCutImages } from '../../test/journal/power-cut-images.ts'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { SecretsFile } from './secret-store.ts'

const url = 'https://images.example/fw?sig=canary'
const all = () => true

describe('SecretsFile', () => {
  it('keeps secrets in a file for the user of the process alone, and removes it with the last one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'secrets-'))
    try {
      const file = await SecretsFile.open({ directory, isUnderWay: all })
      expect(await readdir(directory)).toEqual([])
      await file.put('op-1', { url })
      await file.put('op-2', { url: 'another' })
      expect((await stat(join(directory, 'secrets'))).mode & 0o777).toBe(0o600)
      const next = await SecretsFile.open({ directory, isUnderWay: all })
      expect([next.get('op-1'), next.get('op-3')]).toEqual([{ url }, {}])
      await next.remove('op-1')
      expect(await readFile(join(directory, 'secrets'), 'utf8')).not.toContain('canary')
      await next.remove('op-2')
      expect(await readdir(directory)).toEqual([])
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it('forgets at the start what belongs to no operation that is under way', async () => {
    const fileSystem = new SimulatedDisk()
    const file = await SecretsFile.open({ directory: '/state', fileSystem, isUnderWay: all })
    await file.put('over', { url })
    await file.put('under way', { url: 'kept' })
    await SecretsFile.open({ directory: '/state', fileSystem, isUnderWay: id => id === 'under way' })
    const bytes = await fileSystem.readFile('/state/secrets')
    expect(JSON.parse(Buffer.from(bytes ?? []).toString())).toEqual({ 'under way': { url: 'kept' } })
  })

  it('takes a file that cannot be read for an empty one', async () => {
    const image = new Map([['secrets', Buffer.from('{"op": {"url"')]])
    const file = await SecretsFile.open({
      directory: '/state',
      fileSystem: new SimulatedDisk({ image }),
      isUnderWay: all,
    })
    expect(file.get('op')).toEqual({})
  })

  it('holds after a power cut, at any moment, what it held before or what was put', async () => {
    const fileSystem = new SimulatedDisk()
    const file = await SecretsFile.open({ directory: '/state', fileSystem, isUnderWay: all })
    await file.put('op', { url: 'first' })
    const acknowledged = fileSystem.calls.length
    await file.put('op', { url: 'second' })
    let images = 0
    for (let calls = acknowledged; calls <= fileSystem.calls.length; calls += 1) {
      for (const image of powerCutImages(fileSystem.initialImage, fileSystem.calls.slice(0, calls))) {
        images += 1
        const after = await SecretsFile.open({
          directory: '/state',
          fileSystem: new SimulatedDisk({ image }),
          isUnderWay: all,
        })
        expect([{ url: 'first' }, { url: 'second' }]).toContainEqual(after.get('op'))
      }
    }
    expect(images).toBeGreaterThan(5)
  })

  it.each(['createFile', 'write', 'sync', 'rename', 'syncDirectory'] as const)(
    'R4: says so when %s fails, and holds what it held',
    async failing => {
      let full = false
      const fileSystem = new SimulatedDisk({ fault: call => (full && call === failing ? 'ENOSPC' : undefined) })
      const file = await SecretsFile.open({ directory: '/state', fileSystem, isUnderWay: all })
      await file.put('op', { url: 'first' })
      full = true
      await expect(file.put('op', { url: 'second' })).rejects.toMatchObject({
        code: 'PersistenceFailed',
        causeCode: 'ENOSPC',
      })
      expect(file.get('op')).toEqual({ url: 'first' })
      full = false
      await file.put('op', { url: 'third' })
      expect(file.get('op')).toEqual({ url: 'third' })
    },
  )
})
