import { join } from 'node:path'
import type { FirmwareManifest, FirmwareUpdateRequest } from '@iothub-dm/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  keySetOf,
  manifestOf,
  newKey,
  sha256Of,
  signCompact,
  signKeySet,
  signManifest,
} from '../../../test/firmware/signed-documents.ts'
import { temporaryDirectory } from '../../../test/simulated-life.ts'
import { type Clock, systemClock } from '../../connection/clock.ts'
import { type FirmwareUpdateOptions, firmwareSettings, unsignedInSoManyWords } from '../firmware-options.ts'
import { FirmwareMemory } from '../memory/firmware-memory.ts'
import { publicKeyOf, type SigningKey } from '../signing/signing-key.ts'
import type { FirmwarePlan, FirmwareVerdict } from './firmware-plan.ts'
import { judgeRequest } from './judge-request.ts'

const release = newKey('release')
const image = Buffer.from('an image')
const start = Date.parse('2026-12-01T12:00:00Z')
const dayInMs = 86_400_000

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let nowInMs: number
const clock: Clock = { ...systemClock, now: () => nowInMs }
beforeEach(async () => {
  directory = await temporaryDirectory()
  nowInMs = start
})
afterEach(() => directory[Symbol.asyncDispose]())

/** A device at version 1.0.0 that trusts one key. What it remembers is on disk between two calls. */
async function judge(
  toJudge: FirmwareUpdateRequest,
  { currentVersion = '1.0.0', ...options }: Partial<FirmwareUpdateOptions> & { currentVersion?: string } = {},
): Promise<FirmwareVerdict> {
  const settings = firmwareSettings({
    directory: directory.path,
    trust: { keySet: keySetOf(1, 1, release) },
    device: { model: 'camera', hardware: 'rev-b', deviceId: 'cam-1' },
    clock,
    ...options,
  })
  const memory = await FirmwareMemory.read(join(directory.path, 'memory'))
  return judgeRequest(toJudge, { currentVersion, memory, settings })
}

async function request(
  changes: Partial<FirmwareManifest> = {},
  ...keys: readonly SigningKey[]
): Promise<FirmwareUpdateRequest> {
  return { manifest: await signManifest(manifestOf(image, changes), ...(keys.length === 0 ? [release] : keys)) }
}

/** As the pipeline does before it changes anything. */
async function remember(verdict: FirmwareVerdict, operationId = 'op'): Promise<FirmwarePlan> {
  if (verdict.alreadyCurrent) throw new TypeError('nothing is installed')
  const { version, sha256, sequence, signers, downgradePermit } = verdict.plan
  const memory = await FirmwareMemory.read(join(directory.path, 'memory'))
  if (downgradePermit !== null) await memory.add({ type: 'permitUsed', permit: downgradePermit })
  await memory.add({
    type: 'installing',
    operationId,
    version,
    sha256,
    signers,
    ...(sequence === null ? {} : { sequence }),
  })
  return verdict.plan
}

function refused(code: string, message?: RegExp) {
  return { name: 'FirmwareError', code, ...(message === undefined ? {} : { message: expect.stringMatching(message) }) }
}

describe('a signed request', () => {
  it('becomes a plan', async () => {
    const plan = {
      version: '2.0.0',
      previousVersion: '1.0.0',
      sha256: sha256Of(image),
      size: image.length,
      sequence: 200,
      signers: [publicKeyOf(release).x],
      downgradePermit: null,
    }
    expect(await judge(await request())).toEqual({ alreadyCurrent: false, plan })
    const compact = await signCompact(manifestOf(image), 'firmware-manifest', release)
    expect(await judge({ manifest: compact })).toEqual({ alreadyCurrent: false, plan })
  })

  it('F1: is refused without a manifest, also with all that an unsigned one needs', async () => {
    const unsigned = { fwPackageUri: 'https://x/y', fwVersion: '2.0.0', fwPackageCheckValue: sha256Of(image) }
    await expect(judge(unsigned)).rejects.toMatchObject(refused('SignatureInvalid'))
  })

  it('F1: is refused with a signature of somebody else', async () => {
    await expect(judge(await request({}, newKey('release')))).rejects.toMatchObject(refused('SignatureInvalid'))
  })

  it.each([
    { version: '../2.0.0' },
    { sequence: -1 },
    { sequence: 2 ** 53 },
    { size: 0 },
    { expires: 'never' },
    { url: 'http://images.example.com/camera.bin' },
  ])('F3, F13: is refused with a signed manifest that says %j', async changes => {
    await expect(judge(await request(changes))).rejects.toMatchObject(refused('ManifestInvalid', /^manifest: /))
  })

  it('already runs: that is told before an expiry or anything else is looked at', async () => {
    nowInMs = Date.parse('2030-01-01T00:00:00Z')
    expect(await judge(await request(), { currentVersion: '2.0.0' })).toEqual({
      alreadyCurrent: true,
      version: '2.0.0',
    })
  })

  it('F3: another image under the version that runs is not taken for it', async () => {
    await remember(await judge(await request()))
    const other = await request({ sha256: 'ab'.repeat(32), sequence: 201 })
    await expect(judge(other, { currentVersion: '2.0.0' })).rejects.toMatchObject(
      refused('VersionRollback', /runs already/),
    )
  })

  it('is refused when the image is larger than the device takes', async () => {
    await expect(judge(await request(), { maxSizeInBytes: 4 })).rejects.toMatchObject(refused('SizeExceeded'))
  })
})

describe('F22: what the request repeats of its manifest', () => {
  it('may be the same', async () => {
    const same = { fwVersion: '2.0.0', fwPackageCheckValue: sha256Of(image) }
    const fwPackageUri = 'https://images.example.com/camera.bin?sig=token'
    await expect(judge({ ...(await request()), ...same, fwPackageUri })).resolves.toMatchObject({
      alreadyCurrent: false,
    })
  })

  it.each([
    { fwVersion: '2.0.1' },
    { fwPackageCheckValue: 'ab'.repeat(32) },
    { fwPackageUri: 'https://evil.example.com/camera.bin' },
    { fwPackageUri: 'https://images.example.com/other.bin' },
    { fwPackageUri: 'https://images.example.com:8443/camera.bin' },
  ])('must not be another: %j', async changes => {
    await expect(judge({ ...(await request()), ...changes })).rejects.toMatchObject(refused('ManifestConflict'))
  })

  it('brings the URL when the manifest names none', async () => {
    const { url: _url, ...manifest } = manifestOf(image)
    const signed = { manifest: await signManifest(manifest, release) }
    await expect(judge(signed)).rejects.toMatchObject(refused('UrlRefused'))
    await expect(judge({ ...signed, fwPackageUri: 'https://x.example.com/y' })).resolves.toMatchObject({
      alreadyCurrent: false,
    })
  })
})

describe('F3: the way back', () => {
  it('is closed to older sequences, also after a restart and a crash before the activation', async () => {
    await remember(await judge(await request({ sequence: 200 })))
    // Whatever runs: the counter counts.
    for (const currentVersion of ['1.0.0', '2.0.0']) {
      const older = await request({ version: '2.5.0', sequence: 199 })
      await expect(judge(older, { currentVersion })).rejects.toMatchObject(
        refused('VersionRollback', /sequence 199 is older than 200/),
      )
    }
  })

  it('is closed to an equal sequence with another image, and open to the same image', async () => {
    await remember(await judge(await request()))
    await expect(judge(await request({ sha256: 'ab'.repeat(32) }))).rejects.toMatchObject(refused('VersionRollback'))
    await expect(judge(await request())).resolves.toMatchObject({ alreadyCurrent: false })
  })

  it.each([
    ['1.9.0', '1.10.0'],
    ['1.2.3-rc1', '1.2.3'],
    ['1.2.3-rc1', '1.2.3-rc2'],
    ['1', '1.0.0.1'],
  ])('is closed to version %s where %s runs, whatever the sequence', async (version, currentVersion) => {
    const older = await request({ version, sequence: 1_000 })
    await expect(judge(older, { currentVersion })).rejects.toMatchObject(refused('VersionRollback', /is older than/))
  })

  it('opens once for a permit that is signed', async () => {
    await remember(await judge(await request()), 'op-1')
    const back = await request({
      version: '1.5.0',
      sequence: 150,
      downgradePermit: 'permit-1',
      sha256: 'ab'.repeat(32),
    })
    const plan = await remember(await judge(back, { currentVersion: '2.0.0' }), 'op-2')
    expect(plan.downgradePermit).toBe('permit-1')
    await expect(judge(back, { currentVersion: '2.0.0' })).rejects.toMatchObject(refused('VersionRollback', /used up/))
    // What lies between stays closed.
    const between = await request({ version: '1.6.0', sequence: 160, sha256: 'cd'.repeat(32) })
    await expect(judge(between, { currentVersion: '1.5.0' })).rejects.toMatchObject(refused('VersionRollback'))
  })

  it('uses up no permit that is not needed', async () => {
    const forward = await request({ downgradePermit: 'permit-1' })
    await expect(judge(forward)).resolves.toMatchObject({ plan: { downgradePermit: null } })
  })

  it('is open again once an image was rolled back', async () => {
    await remember(await judge(await request()), 'op-1')
    const memory = await FirmwareMemory.read(join(directory.path, 'memory'))
    await memory.add({ type: 'rolledBack', operationId: 'op-1' })
    const fixed = await request({ version: '1.0.1', sequence: 101, sha256: 'ab'.repeat(32) })
    await expect(judge(fixed)).resolves.toMatchObject({ alreadyCurrent: false })
  })
})

describe('F4: a sequence that was driven to the end', () => {
  it('is forgotten once the key that has signed it is revoked', async () => {
    const stolen = newKey('stolen')
    const trust = { keySet: keySetOf(1, 1, release, stolen) }
    await remember(await judge(await request({ sequence: 100 }), { trust }), 'op-1')
    const far = await request({ version: '1.0.1', sequence: Number.MAX_SAFE_INTEGER, sha256: 'ab'.repeat(32) }, stolen)
    await remember(await judge(far, { trust }), 'op-2')

    const good = await request({ version: '2.0.0', sequence: 200, sha256: 'cd'.repeat(32) })
    await expect(judge(good, { trust })).rejects.toMatchObject(refused('VersionRollback'))

    const keySets = [await signKeySet(keySetOf(2, 1, release), release)]
    await expect(judge({ ...good, keySets }, { trust })).resolves.toMatchObject({ plan: { sequence: 200 } })
    // The rotation was followed for good, and what the good key has signed before still counts.
    await expect(judge(far, { trust })).rejects.toMatchObject(refused('SignatureInvalid'))
    const old = await request({ version: '1.0.2', sequence: 99, sha256: 'ef'.repeat(32) })
    await expect(judge(old, { trust })).rejects.toMatchObject(refused('VersionRollback', /older than 100/))
  })
})

describe('F21: a rotation', () => {
  it('is followed for good, and a newer program may know a newer one', async () => {
    const next = newKey('next')
    const keySets = [await signKeySet(keySetOf(2, 1, next), release, next)]
    await judge({ ...(await request({}, next)), keySets })
    await expect(judge(await request())).rejects.toMatchObject(refused('SignatureInvalid'))
    await expect(judge(await request({}, next))).resolves.toMatchObject({ alreadyCurrent: false })
    const third = newKey('third')
    const trust = { keySet: keySetOf(3, 1, third) }
    await expect(judge(await request({}, next), { trust })).rejects.toMatchObject(refused('SignatureInvalid'))
    await expect(judge(await request({}, third), { trust })).resolves.toMatchObject({ alreadyCurrent: false })
  })

  it('does not count keys of developers in a device that was sold', async () => {
    const debug = { version: 1, threshold: 1, keys: [publicKeyOf(release, { debug: true })] }
    await expect(judge(await request(), { trust: { keySet: debug } })).rejects.toMatchObject(
      refused('SignatureInvalid'),
    )
    const trust = { keySet: debug, allowDebugKeys: true }
    await expect(judge(await request(), { trust })).resolves.toMatchObject({ alreadyCurrent: false })
  })
})

describe('time', () => {
  it('F5, F6: a manifest is refused from its expiry on, however new the version is', async () => {
    nowInMs = Date.parse('2027-01-31T11:59:59Z')
    await expect(judge(await request())).resolves.toMatchObject({ alreadyCurrent: false })
    nowInMs = Date.parse('2027-01-31T12:00:00Z')
    await expect(judge(await request())).rejects.toMatchObject(refused('ManifestExpired'))
  })

  it('F5: a clock that was set back a year does not bring an expired manifest back', async () => {
    nowInMs = Date.parse('2027-01-15T00:00:00Z')
    await judge(await request())
    const expired = await request({ expires: '2027-01-01T00:00:00Z', sequence: 201 })
    nowInMs -= 365 * dayInMs
    await expect(judge(expired)).rejects.toMatchObject(refused('ManifestExpired'))
    await expect(judge(expired, { unknownTime: 'ignoreExpiry' })).rejects.toMatchObject(refused('ManifestExpired'))
  })

  it('F5: a clock that lost its battery leaves open whether a manifest has expired: policy decides', async () => {
    nowInMs = 0
    await expect(judge(await request())).rejects.toMatchObject(refused('TimeUnknown', /1970-01-01T00:00:00.000Z/))
    await expect(judge(await request(), { unknownTime: 'ignoreExpiry' })).resolves.toMatchObject({
      alreadyCurrent: false,
    })
    const expired = await request({ expires: '2026-06-30T00:00:00Z' }) // before this software was made
    await expect(judge(expired, { unknownTime: 'ignoreExpiry' })).rejects.toMatchObject(refused('ManifestExpired'))
  })

  it('F5: a clock that is a few hours behind is no reason to refuse', async () => {
    await judge(await request())
    nowInMs = start - dayInMs / 2
    await expect(judge(await request())).resolves.toMatchObject({ alreadyCurrent: false })
  })

  it('F5: a clock that ran far ahead once does not make every manifest expire for ever', async () => {
    nowInMs = Date.parse('2099-01-01T00:00:00Z')
    await expect(judge(await request())).rejects.toMatchObject(refused('ManifestExpired'))
    nowInMs = start
    await expect(judge(await request())).resolves.toMatchObject({ alreadyCurrent: false })
  })
})

describe('F11: an image for another device', () => {
  it.each<[Partial<FirmwareManifest>]>([
    [{ models: ['camera-2', 'Camera', 'camera '.trim().toUpperCase()] }],
    [{ hardware: ['rev-a', 'rev-c'] }],
    [{ devices: ['cam-2'] }],
    [{ models: ['othervendor:camera'] }],
  ])('is refused: %j', async changes => {
    await expect(judge(await request(changes))).rejects.toMatchObject(refused('Incompatible'))
  })

  it('is refused when the device does not say what the manifest asks for', async () => {
    const device = { model: 'camera' }
    await expect(judge(await request({ hardware: ['rev-b'] }), { device })).rejects.toMatchObject(
      refused('Incompatible'),
    )
    await expect(judge(await request({ devices: ['cam-1'] }), { device })).rejects.toMatchObject(
      refused('Incompatible'),
    )
  })

  it('is taken when everything fits', async () => {
    const fitting = await request({ models: ['other', 'camera'], hardware: ['rev-b'], devices: ['cam-1'] })
    await expect(judge(fitting)).resolves.toMatchObject({ alreadyCurrent: false })
  })
})

describe('F12: an image that needs another one first', () => {
  it.each(['1.0.1', '1.0.0.1', '1.1', '2.0.0-rc1'])('is refused below %s', async requiredVersion => {
    await expect(judge(await request({ requiredVersion }))).rejects.toMatchObject(refused('DependencyMissing'))
  })

  it('is taken from that version on', async () => {
    await expect(judge(await request({ requiredVersion: '1.0.0' }))).resolves.toMatchObject({ alreadyCurrent: false })
  })
})

describe('F19: an image that has failed', () => {
  it('is refused after three failures within a day, and only that one', async () => {
    const memory = await FirmwareMemory.read(join(directory.path, 'memory'))
    for (let count = 0; count < 3; count += 1)
      await memory.add({ type: 'failed', sha256: sha256Of(image), time: nowInMs })
    await expect(judge(await request())).rejects.toMatchObject({ ...refused('Quarantined'), retryable: true })
    await expect(judge(await request({ sha256: 'ab'.repeat(32) }))).resolves.toMatchObject({ alreadyCurrent: false })
    nowInMs = start + dayInMs
    await expect(judge(await request())).resolves.toMatchObject({ alreadyCurrent: false })
  })
})

describe('without a signature, where the program says so in so many words', () => {
  const trust = { unsigned: unsignedInSoManyWords } as const
  const asked = {
    fwPackageUri: 'https://images.example.com/camera.bin',
    fwVersion: '2.0.0',
    fwPackageCheckValue: sha256Of(image),
  }

  it('the digest of the request is what counts', async () => {
    expect(await judge(asked, { trust })).toEqual({
      alreadyCurrent: false,
      plan: {
        version: '2.0.0',
        previousVersion: '1.0.0',
        sha256: sha256Of(image),
        size: null,
        sequence: null,
        signers: [],
        downgradePermit: null,
      },
    })
  })

  it.each(['fwVersion', 'fwPackageCheckValue'] as const)('F1: is refused without %s', async member => {
    const { [member]: _left, ...rest } = asked
    await expect(judge(rest, { trust })).rejects.toMatchObject(refused('ManifestInvalid'))
  })

  it('F1: is refused with a manifest: nobody could verify it', async () => {
    await expect(judge({ ...asked, ...(await request()) }, { trust })).rejects.toMatchObject(
      refused('SignatureInvalid'),
    )
  })

  it('F3: does not go back, unless that is allowed', async () => {
    await expect(judge(asked, { trust, currentVersion: '2.0.1' })).rejects.toMatchObject(refused('VersionRollback'))
    const allowed = { trust: { ...trust, allowDowngrade: true }, currentVersion: '2.0.1' }
    await expect(judge(asked, allowed)).resolves.toMatchObject({ alreadyCurrent: false })
  })

  it('already runs', async () => {
    expect(await judge(asked, { trust, currentVersion: '2.0.0' })).toEqual({ alreadyCurrent: true, version: '2.0.0' })
  })
})
