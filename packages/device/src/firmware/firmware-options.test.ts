import { describe, expect, it } from 'vitest'
import { keySetOf, newKey } from '../../test/firmware/signed-documents.ts'
import { type FirmwareUpdateOptions, firmwareSettings, unsignedInSoManyWords } from './firmware-options.ts'
import { firmwareUpdateWith } from './firmware-update-with.ts'

const key = newKey('release')
const good: FirmwareUpdateOptions = {
  directory: '/var/lib/camera/firmware',
  trust: { keySet: keySetOf(1, 1, key) },
  device: { model: 'camera' },
}

describe('the options of firmwareUpdateWith', () => {
  it('have defaults', () => {
    expect(firmwareSettings(good)).toMatchObject({
      maxSizeInBytes: 2 ** 30,
      confirmTimeoutInMs: 300_000,
      maxTrials: 3,
      maxFailures: 3,
      unknownTime: 'refuse',
      download: expect.any(Function),
    })
  })

  it.each<[string, object]>([
    ['directory', { directory: '' }],
    ['device.model', { device: {} }],
    ['download', { download: 'https://images.example.com' }],
    ['maxSizeInBytes', { maxSizeInBytes: 0 }],
    ['confirmTimeoutInMs', { confirmTimeoutInMs: Number.NaN }],
    ['maxTrials', { maxTrials: 1.5 }],
    ['restartTimeoutInMs', { restartTimeoutInMs: 2 ** 31 }],
    ['freshUrlTimeoutInMs', { freshUrlTimeoutInMs: -1 }],
    ['maxFailures', { maxFailures: 0 }],
  ])('name %s when it is of no use', (name, changes) => {
    expect(() => firmwareSettings({ ...good, ...changes })).toThrow(`${name}: expected`)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['true', true],
    ['unsigned, but not in so many words', { unsigned: true }],
    ['a key set without keys', { keySet: { version: 1, threshold: 1, keys: [] } }],
    ['a key set that asks for more keys than it has', { keySet: keySetOf(1, 2, key) }],
    ['a private key in the key set', { keySet: { version: 1, threshold: 1, keys: [{ kid: 'a', x: 'x', d: 'd' }] } }],
  ])('F1, F21: do not take %s for trust', (_, trust) => {
    // @ts-expect-error - a caller without types
    expect(() => firmwareSettings({ ...good, trust })).toThrow(/^trust/)
  })

  it('F1: take unsigned images in so many words', () => {
    const trust = { unsigned: unsignedInSoManyWords } as const
    expect(firmwareSettings({ ...good, trust }).trust).toEqual(trust)
  })
})

describe('the hooks of firmwareUpdateWith', () => {
  const target = { currentVersion: () => '1.0.0', apply: () => {}, restart: () => {}, rollback: () => {} }

  it('may leave out what a device does not need', () => {
    expect(() => firmwareUpdateWith(target, good)).not.toThrow()
  })

  it.each(['currentVersion', 'apply', 'restart', 'rollback', 'confirm', 'commit'])(
    'are refused with no function as %s',
    name => {
      expect(() => firmwareUpdateWith({ ...target, [name]: null }, good)).toThrow(
        `target.${name}: expected a function, got null`,
      )
    },
  )
})
