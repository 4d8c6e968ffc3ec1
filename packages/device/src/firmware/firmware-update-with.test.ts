import { readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FirmwareManifest } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { FirmwareLab, image } from '../../test/firmware/firmware-lab.ts'
import { sha256Of } from '../../test/firmware/signed-documents.ts'
import { until } from '../../test/simulated-life.ts'
import { FirmwareError } from './firmware-error.ts'
import { unsignedInSoManyWords } from './firmware-options.ts'

const goodUpdate = ['apply 2.0.0', 'restart into 2.0.0', 'confirm 2.0.0', 'commit 2.0.0']

describe('an update', () => {
  it('succeeds when the wanted version runs and is well, and not before', async () => {
    await using lab = await FirmwareLab.open()
    const record = await lab.update()
    expect(record).toMatchObject({
      state: 'succeeded',
      attempt: 2,
      result: { outcome: 'updated', version: '2.0.0', previousVersion: '1.0.0' },
    })
    expect(lab.effects).toEqual(goodUpdate)
    expect(await readdir(join(lab.path, 'firmware', 'images'))).toEqual([])
  })

  it('goes through the documented phases', async () => {
    await using lab = await FirmwareLab.open()
    await lab.update()
    expect(lab.statuses).toEqual([
      'accepted',
      'running',
      'downloading',
      'verifying',
      'applying',
      'rebooting',
      'confirming',
      'succeeded',
    ])
  })

  it('to the version that runs has nothing to do', async () => {
    await using lab = await FirmwareLab.open()
    expect(await lab.update(await lab.request({ version: '1.0.0' }))).toMatchObject({
      state: 'succeeded',
      result: { outcome: 'alreadyCurrent', version: '1.0.0' },
    })
    expect({ effects: lab.effects, fetched: lab.fetched }).toEqual({ effects: [], fetched: 0 })
  })

  it('is refused while another one is under way', async () => {
    await using lab = await FirmwareLab.open({ download: () => new Promise(() => {}) })
    await lab.begin(await lab.request())
    expect(await lab.begin(await lab.request({ version: '2.0.1', sequence: 201 }), 'other')).toMatchObject({
      status: 409,
    })
  })

  it('may be unsigned where the program says so in so many words', async () => {
    await using lab = await FirmwareLab.open({}, { trust: { unsigned: unsignedInSoManyWords } })
    const signed = await lab.request()
    expect(await lab.update(signed)).toMatchObject({ state: 'rejected', error: { code: 'SignatureInvalid' } })
    const asked = { fwPackageUri: 'https://images.example.com/a', fwVersion: '2.0.0' }
    const unsigned = { ...asked, fwPackageCheckValue: sha256Of(image) }
    expect(await lab.update(unsigned, 'op-2')).toMatchObject({ state: 'succeeded' })
    expect(lab.effects).toEqual(goodUpdate)
  })
})

describe('F1, F3, F5, F11, F12: what must not be installed', () => {
  it.each<[string, Partial<FirmwareManifest>]>([
    ['VersionRollback', { version: '0.9.0' }],
    ['ManifestExpired', { expires: '2026-12-01T12:00:00Z' }],
    ['Incompatible', { models: ['toaster'] }],
    ['DependencyMissing', { requiredVersion: '1.5.0' }],
    ['SizeExceeded', { size: 2 ** 40 }],
  ])('is rejected with %s before anything is spent', async (code, changes) => {
    await using lab = await FirmwareLab.open()
    expect(await lab.update(await lab.request(changes))).toMatchObject({ state: 'rejected', error: { code } })
    expect({ effects: lab.effects, fetched: lab.fetched }).toEqual({ effects: [], fetched: 0 })
  })

  it('is rejected with SignatureInvalid without a manifest', async () => {
    await using lab = await FirmwareLab.open()
    const unsigned = { fwPackageUri: 'https://images.example.com/a', fwVersion: '2.0.0' }
    expect(await lab.update(unsigned)).toMatchObject({ state: 'rejected', error: { code: 'SignatureInvalid' } })
    expect({ effects: lab.effects, fetched: lab.fetched }).toEqual({ effects: [], fetched: 0 })
  })

  it.each([
    { version: '../../etc/x' },
    { version: '/etc/x' },
    { version: 'C' },
    { sha256: '../../../../etc/x' },
    { models: ['camera', '../x y'] },
    { url: 'file:///etc/passwd' },
  ])('F13: %j is no manifest, and leaves no file anywhere', async changes => {
    await using lab = await FirmwareLab.open()
    expect(await lab.update(await lab.request(changes))).toMatchObject({
      state: 'rejected',
      error: { code: 'ManifestInvalid' },
    })
    expect((await readdir(lab.path, { recursive: true })).toSorted()).toEqual(
      ['firmware', 'firmware/memory', 'state', 'state/journal'].toSorted(),
    )
  })

  it('F14: an insecure URL has the documented answer, and becomes no operation', async () => {
    await using lab = await FirmwareLab.open()
    const answer = await lab.begin({ ...(await lab.request()), fwPackageUri: 'http://images.example.com/a' })
    expect(answer).toMatchObject({
      status: 400,
      payload: { error: { issues: [{ message: 'Invalid URL format.  Must use https:// protocol.' }] } },
    })
    expect(lab.life.store.get('op')).toBeUndefined()
  })

  it('F19: 1,000 bad requests fetch nothing, install nothing, and do not stand in the way of a good one', async () => {
    await using lab = await FirmwareLab.open()
    const bad = await lab.request({ models: ['toaster'] })
    for (let count = 0; count < 1000; count += 1) {
      await lab.begin(bad, `bad-${count}`)
      await until(() => lab.life.state(`bad-${count}`) === 'rejected')
    }
    expect({ effects: lab.effects, fetched: lab.fetched }).toEqual({ effects: [], fetched: 0 })
    expect(await lab.update()).toMatchObject({ state: 'succeeded' })
  }, 180_000)
})

describe('a download', () => {
  it.each([
    'DownloadFailed',
    'DownloadStalled',
    'DigestMismatch',
    'SizeExceeded',
    'TooManyRedirects',
    'UrlRefused',
  ] as const)('that ends with %s ends the update, with nothing changed', async code => {
    await using lab = await FirmwareLab.open({ download: () => Promise.reject(new FirmwareError(code, 'as it is')) })
    expect(await lab.update()).toMatchObject({
      state: 'failed',
      status: 'downloading',
      error: { code, message: 'as it is' },
    })
    expect(lab.effects).toEqual([])
  })

  it('F19: that brings other bytes three times is not tried again', async () => {
    let downloads = 0
    await using lab = await FirmwareLab.open({
      download: async () => {
        downloads += 1
        throw new FirmwareError('DigestMismatch', 'the bytes are others')
      },
    })
    for (const operationId of ['op-1', 'op-2', 'op-3']) {
      expect(await lab.update(await lab.request(), operationId)).toMatchObject({ state: 'failed' })
    }
    expect(await lab.update(await lab.request(), 'op-4')).toMatchObject({
      state: 'rejected',
      error: { code: 'Quarantined' },
    })
    expect(downloads).toBe(3)
  })

  it('goes on where it was after a crash', async () => {
    let tries = 0
    await using lab = await FirmwareLab.open({
      download: async ({ file }) => {
        tries += 1
        if (tries === 1) {
          await writeFile(file, 'a part')
          await lab.die()
        }
        expect(await readFile(file, 'utf8')).toBe('a part')
        await writeFile(file, image)
      },
    })
    expect(await lab.update()).toMatchObject({ state: 'succeeded' })
    expect(tries).toBe(2)
  })

  it('can be cancelled', async () => {
    await using lab = await FirmwareLab.open({
      download: ({ abortSignal }) =>
        new Promise((_resolve, reject) => {
          abortSignal.addEventListener('abort', () => reject(abortSignal.reason))
        }),
    })
    await lab.begin(await lab.request())
    await until(() => lab.record().status === 'downloading')
    expect(await lab.life.manager.cancel('op')).toMatchObject({ status: 200 })
    expect(await lab.over()).toMatchObject({ state: 'cancelled' })
    expect(lab.effects).toEqual([])
  })

  it('C6: cannot be cancelled any more once the image is there', async () => {
    let cancelled: Promise<unknown> | undefined
    await using lab = await FirmwareLab.open({
      apply: async () => {
        cancelled = lab.life.manager.cancel('op')
        await cancelled
      },
    })
    expect(await lab.update()).toMatchObject({ state: 'succeeded' })
    expect(await cancelled).toMatchObject({ status: 409, payload: { error: { code: 'NotCancellable' } } })
  })

  it('F23: waits for a fresh URL when the link is refused, and goes on with it', async () => {
    const urls: string[] = []
    await using lab = await FirmwareLab.open({
      download: async ({ url, file }) => {
        urls.push(url)
        if (urls.length === 1) throw new FirmwareError('DownloadRefused', 'the server answered 403')
        await writeFile(file, image)
      },
    })
    const link = 'https://images.example.com/camera.bin'
    const request = await lab.request()
    await lab.begin({ ...request, fwPackageUri: `${link}?sig=canary-1` })
    await until(() => lab.record().detail !== undefined)
    expect(lab.record()).toMatchObject({
      status: 'downloading',
      detail: 'the server refuses the link; waiting for a fresh one',
    })
    expect(await lab.begin({ ...request, fwPackageUri: `${link}?sig=canary-2` })).toMatchObject({ status: 202 })
    expect(await lab.over()).toMatchObject({ state: 'succeeded' })
    expect(urls).toEqual([`${link}?sig=canary-1`, `${link}?sig=canary-2`])
    for (const file of ['state/journal', 'firmware/memory/journal']) {
      expect(await readFile(join(lab.path, file), 'utf8')).not.toContain('canary')
    }
  })

  it('takes the very URL that was signed as well: a secret that is none', async () => {
    await using lab = await FirmwareLab.open()
    const request = { ...(await lab.request()), fwPackageUri: 'https://images.example.com/camera.bin' }
    expect(await lab.update(request)).toMatchObject({ state: 'succeeded' })
  })

  it('F22: takes no fresh URL that leads elsewhere', async () => {
    await using lab = await FirmwareLab.open({
      download: () => Promise.reject(new FirmwareError('DownloadRefused', 'the server answered 403')),
    })
    const request = await lab.request()
    await lab.begin({ ...request, fwPackageUri: 'https://images.example.com/camera.bin?sig=1' })
    await until(() => lab.record().detail !== undefined)
    await lab.begin({ ...request, fwPackageUri: 'https://evil.example.com/camera.bin?sig=1' })
    expect(await lab.over()).toMatchObject({ state: 'failed', error: { code: 'ManifestConflict' } })
  })

  it('ends when no fresh URL comes', async () => {
    await using lab = await FirmwareLab.open(
      { download: () => Promise.reject(new FirmwareError('DownloadRefused', 'the server answered 403')) },
      { freshUrlTimeoutInMs: 60_000 },
    )
    await lab.begin(await lab.request())
    await until(() => lab.record().detail !== undefined)
    lab.clock.advance(60_000)
    expect(await lab.over()).toMatchObject({
      state: 'failed',
      error: { code: 'DownloadRefused', message: 'the server answered 403' },
    })
  })
})

describe('F16: between the download and the installation', () => {
  it.each<[string, (file: string) => Promise<void>]>([
    ['another file', file => writeFile(file, 'evil')],
    [
      'a symbolic link',
      async file => {
        await rename(file, `${file}.real`)
        await symlink(`${file}.real`, file)
      },
    ],
  ])('%s is found out, and nothing is installed', async (_, swap) => {
    await using lab = await FirmwareLab.open({
      download: async ({ file }) => {
        await writeFile(file, image)
        await swap(file)
      },
    })
    expect(await lab.update()).toMatchObject({ state: 'failed', error: { code: 'DigestMismatch' } })
    expect(lab.effects).toEqual(['rollback'])
    expect(lab.running).toBe('1.0.0')
  })

  it('bytes that change while they are installed are never handed out', async () => {
    await using lab = await FirmwareLab.open({ apply: ({ path }) => writeFile(path, 'evil', { flag: 'r+' }) })
    expect(await lab.update()).toMatchObject({ state: 'failed', error: { code: 'DigestMismatch' } })
    expect(lab.effects).toEqual(['apply 2.0.0', 'rollback'])
    expect(lab.next).toBe('1.0.0')
  })
})

describe('F3: a power cut between the promise not to go back and the installation', () => {
  it('leaves the promise', async () => {
    let cuts = 0
    await using lab = await FirmwareLab.open({
      apply: () => {
        cuts += 1
        return cuts === 1 ? lab.die() : undefined
      },
    })
    await lab.begin(await lab.request())
    await until(() => cuts === 1)
    expect(await readFile(join(lab.path, 'firmware', 'memory', 'journal'), 'utf8')).toContain('"sequence":200')
    expect(await lab.over()).toMatchObject({ state: 'succeeded' })
    expect(lab.effects).toEqual(['apply 2.0.0', ...goodUpdate])
  })
})
