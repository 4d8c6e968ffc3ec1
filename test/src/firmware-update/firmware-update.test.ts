import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isOperationFailedError } from '@iothub-dm/service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startImageServer } from '../../../examples/src/support/image-server.ts'
import { FirmwareBench } from './firmware-bench.ts'
import type { KillPoint } from './kill-hook.ts'

const timeoutInMs = 50_000
let bench: FirmwareBench

beforeAll(async () => {
  bench = await FirmwareBench.open()
}, 60_000)

afterAll(() => bench[Symbol.asyncDispose]())

type Camera = Awaited<ReturnType<FirmwareBench['startCamera']>>

/** @returns what the update came to: its outcome, or the code of its error */
async function update(camera: Camera, name: string, version: string = name): Promise<string> {
  const manifest = await bench.sign(name, version)
  const fwPackageUri = bench.images.urlOf(name)
  const operation = await camera.client.actions.firmwareUpdate.begin({ manifest, fwPackageUri })
  return outcomeOf(operation.result({ timeoutInMs }))
}

async function outcomeOf(result: Promise<{ readonly outcome: string }>): Promise<string> {
  try {
    return (await result).outcome
  } catch (error) {
    if (isOperationFailedError(error)) return String(error.record.error?.code)
    throw error
  }
}

async function expectVersion(camera: Camera, version: string, slot: 'a' | 'b', status = 'current'): Promise<void> {
  expect(await camera.version()).toBe(version)
  expect(await camera.slots()).toEqual({ current: slot })
  expect(await camera.firmware()).toMatchObject({ currentFwVersion: version, fwUpdateStatus: status })
}

describe('a program that updates itself', { timeout: 60_000 }, () => {
  it('is replaced by a good version, refuses to go back, and is current when asked again', async () => {
    await using camera = await bench.startCamera('good')
    expect(await update(camera, '2.0.0')).toBe('updated')
    await expectVersion(camera, '2.0.0', 'b')
    expect(camera.ends).toEqual(['3'])
    const firmware = await camera.firmware()
    expect(firmware).toMatchObject({ pendingFwVersion: '', fwUpdateSubstatus: '' })
    expect(firmware.lastFwUpdateEndTime).toMatch(/^\d{4}-/)

    const requests = bench.images.requests.length
    expect(await update(camera, '2.0.0')).toBe('alreadyCurrent')
    expect(await update(camera, '1.0.0')).toBe('VersionRollback')
    expect(await update(camera, '1.0.0', '1.9.9')).toBe('VersionRollback')
    expect(bench.images.requests).toHaveLength(requests)
    expect(await camera.version()).toBe('2.0.0')
    expect(await camera.slots()).toEqual({ current: 'b' })
    expect(camera.ends).toEqual(['3'])
  })

  it('F23: tells nobody the token of a URL, and keeps it no longer than it needs it', async () => {
    await using camera = await bench.startCamera('token')
    expect(await update(camera, '2.0.0')).toBe('updated')
    expect(await camera.filesWith('token-of-the-example')).toEqual([])
    expect(JSON.stringify(await camera.reported())).not.toContain('token-of-the-example')
    expect(camera.output).not.toContain('token-of-the-example')
  })

  it('F20: puts back the version before when the new one is not well', async () => {
    await using camera = await bench.startCamera('unhealthy')
    expect(await update(camera, '2.1.0')).toBe('HealthCheckFailed')
    await expectVersion(camera, '1.0.0', 'a', 'rolledback')
    expect(camera.ends).toEqual(['3', '3'])
  })

  it('F20: is back at the version before when the new one cannot even start', async () => {
    await using camera = await bench.startCamera('crashing')
    expect(await update(camera, '2.2.0')).toBe('RolledBack')
    await expectVersion(camera, '1.0.0', 'a', 'rolledback')
    expect(camera.ends).toEqual(['3', '1', '1', '1'])
    expect(await update(camera, '2.0.0')).toBe('updated')
    await expectVersion(camera, '2.0.0', 'b')
  })

  it('F2: takes no image that was tampered with', async () => {
    await using camera = await bench.startCamera('tampered')
    const directory = bench.factory.imageDirectory
    const image = await readFile(join(directory, '2.0.0'))
    const manifest = await bench.sign('2.0.0')
    image[image.length >> 1] = (image[image.length >> 1] ?? 0) ^ 1
    await writeFile(join(directory, 'tampered'), image)
    const fwPackageUri = bench.images.urlOf('tampered')
    const operation = await camera.client.actions.firmwareUpdate.begin({ manifest, fwPackageUri })
    expect(await outcomeOf(operation.result({ timeoutInMs }))).toBe('DigestMismatch')
    await expectVersion(camera, '1.0.0', 'a', 'error')
    expect(camera.ends).toEqual([])
  })

  it('F18: goes on with a download in the middle of which it was killed', async () => {
    const point = { when: 'after', from: '.partial.json.new', to: '.partial.json' } as const
    await using camera = await bench.startCamera('killed-in-download', point)
    const before = bench.images.requests.length
    expect(await update(camera, '2.0.0')).toBe('updated')
    await expectVersion(camera, '2.0.0', 'b')
    expect(camera.ends).toEqual(['SIGKILL', '3'])
    const [first, second, ...others] = bench.images.requests.slice(before)
    expect(first).toEqual({ name: '2.0.0', first: 0 })
    expect(second?.first).toBeGreaterThan(1_000_000)
    expect(others).toEqual([])
  })

  it('waits for a fresh link when the server refuses the one it has, and goes on with that', async () => {
    await using camera = await bench.startCamera('fresh-link')
    const manifest = await bench.sign('2.0.0')
    const fwPackageUri = bench.images.urlOf('2.0.0')
    const { firmwareUpdate } = camera.client.actions
    const options = { operationId: 'fresh-link' }
    const operation = await firmwareUpdate.begin({ manifest, fwPackageUri: `${fwPackageUri}-expired` }, options)
    for await (const { detail } of operation) if (detail?.includes('fresh') === true) break
    await firmwareUpdate.begin({ manifest, fwPackageUri }, options)
    expect(await outcomeOf(operation.result({ timeoutInMs }))).toBe('updated')
    await expectVersion(camera, '2.0.0', 'b')
  })

  it('F9: says that it waits for a server that is not there', async () => {
    const away = await startImageServer(bench.factory.imageDirectory)
    await away[Symbol.asyncDispose]()
    await using camera = await bench.startCamera('no-server', undefined, away)
    const manifest = await bench.sign('2.0.0')
    const operation = await camera.client.actions.firmwareUpdate.begin({ manifest, fwPackageUri: away.urlOf('2.0.0') })
    for await (const { detail } of operation) if (detail?.startsWith('waiting') === true) break
    expect(operation.record).toMatchObject({ state: 'running', status: 'downloading' })
    expect(operation.record.detail).toMatch(/^waiting \d+ s for the next try after DownloadFailed$/)
  })

  it('F8: answers while an image comes slowly', async () => {
    await using slow = await startImageServer(bench.factory.imageDirectory, 100_000)
    await using camera = await bench.startCamera('slow', undefined, slow)
    const manifest = await bench.sign('2.0.0')
    const operation = await camera.client.actions.firmwareUpdate.begin({ manifest, fwPackageUri: slow.urlOf('2.0.0') })
    for await (const { status, percent = 0 } of operation) if (status === 'downloading' && percent > 0) break
    for (let calls = 0; calls < 5; calls++) {
      const startTime = performance.now()
      expect(await camera.version()).toBe('1.0.0')
      expect(performance.now() - startTime).toBeLessThan(1_000)
    }
    expect(operation.record.state).toBe('running')
  })
})

const killPoints: readonly KillPoint[] = [
  { phase: 'downloading' },
  { phase: 'verifying' },
  { phase: 'applying' },
  { when: 'before', from: 'trial.new', to: 'trial' },
  { when: 'after', from: 'trial.new', to: 'trial' },
  { phase: 'rebooting' },
  { phase: 'confirming' },
  { when: 'before', from: 'trial', to: 'current' },
  { when: 'after', from: 'trial', to: 'current' },
  { phase: 'succeeded' },
]

describe.concurrent('F10: a program that is killed while it updates itself', { timeout: 60_000 }, () => {
  it.each(killPoints)('is at the new version in the end: %j', async point => {
    await using camera = await bench.startCamera(`killed-${killPoints.indexOf(point)}`, point)
    expect(await update(camera, '2.0.0')).toBe('updated')
    expect(camera.wasKilled()).toBe(true)
    await expectVersion(camera, '2.0.0', 'b')
    expect(camera.ends.filter(end => end === 'SIGKILL')).toHaveLength(1)
  })

  it.each([{ phase: 'confirming' }, { phase: 'error' }, { phase: 'rolledback' }])(
    'is at the version before in the end when the new one is not well: %j',
    async point => {
      await using camera = await bench.startCamera(`unhealthy-killed-${point.phase}`, point)
      expect(await update(camera, '2.1.0')).toBe('HealthCheckFailed')
      expect(camera.wasKilled()).toBe(true)
      await expectVersion(camera, '1.0.0', 'a', 'rolledback')
    },
  )
})
